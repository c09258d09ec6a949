/** Codes between a quantizer and a dequantizer: onnxruntime's values, and a gradient through whatever moves them. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import { compileFunction } from '../../src/compile/index.js';
import { buildNetwork } from '../../src/network/network.js';
import { makeGraph, makeModel, tensorInfo } from '../../src/onnx/build.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { DataType, type Model, type Node, type Tensor } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { randomStream } from '../../src/random/stream.js';
import { float32 } from '../../src/runtime/host.js';
import { openSession } from '../../src/runtime/session.js';
import { int64, model, node, weight } from './onnxModels.js';

const shape = [2, 3, 4, 4];
const size = 2 * 3 * 4 * 4;
const values = randomStream('codes').normals(size);

const codes = (name: string, type: number, dims: number[], numbers: number[]): Tensor =>
  makeTensor(name, type, dims, numbers);
const bytes = (name: string, dims: number[]): Tensor =>
  codes(
    name,
    DataType.INT8,
    dims,
    Array.from(
      randomStream('bytes', name).integers(
        dims.reduce((a, b) => a * b, 1),
        200,
      ),
      (n) => n - 100,
    ),
  );
const number = (name: string, value: number): Tensor => makeTensor(name, DataType.FLOAT, [], [value]);

const quantized = [number('scale', 0.02), codes('zero', DataType.UINT8, [], [120])];

/** x -> codes q -> the nodes -> codes r -> y. */
function between(nodes: Node[], stored: Tensor[] = [], opset = 17): Model {
  return model(
    shape,
    [
      node('QuantizeLinear', ['x', 'scale', 'zero'], ['q']),
      ...nodes,
      node('DequantizeLinear', ['r', 'scale', 'zero'], ['y']),
    ],
    [...quantized, ...stored],
    opset,
  );
}

async function reference(file: Model): Promise<number[]> {
  const session = await openSession(encodeModel(file), { threads: 1, optimization: 'disabled' });
  const out = await session.run({ x: float32(shape, values) });
  await session.release();
  return Array.from(out.y!.data, Number);
}

/** Output and gradient of its sum of squares, eagerly and compiled. */
async function valuesAndGradient(file: Model): Promise<Record<'y' | 'slope', number[]>[]> {
  const network = buildNetwork(file);
  const y = (x: tf.Tensor) => network.forward({}, { x }).outputs.y!;
  const both = (x: tf.Tensor) => ({ y: y(x), slope: tf.grad((at) => y(at).square().sum())(x) });
  await tf.setBackend('cpu');
  const eager = both(tf.tensor(values, shape));
  const compiled = await compileFunction(({ x }) => both(x!), [{ name: 'x', shape, dtype: 'float32' }], {
    threads: 1,
  });
  const out = await compiled.run({ x: float32(shape, values) });
  await compiled.release();
  return [
    { y: Array.from(eager.y.dataSync()), slope: Array.from(eager.slope.dataSync()) },
    { y: Array.from(out.y!.data, Number), slope: Array.from(out.slope!.data, Number) },
  ];
}

function expectClose(actual: number[], expected: number[], tolerance = 1e-5): void {
  const largest = Math.max(...expected.map(Math.abs));
  expect(actual.length).toBe(expected.length);
  expect(Math.max(...actual.map((value, i) => Math.abs(value - expected[i]!)))).toBeLessThanOrEqual(
    tolerance * largest,
  );
}

describe('codes pass with their gradient', () => {
  it.each<[string, Node[], Tensor[]]>([
    ['Reshape', [node('Reshape', ['q', 'to'], ['r'])], [int64('to', [2, -1])]],
    ['Transpose', [node('Transpose', ['q'], ['r'], { perm: [0, 2, 3, 1] })], []],
    ['MaxPool', [node('MaxPool', ['q'], ['r'], { kernel_shape: [2, 2], strides: [2, 2] })], []],
    [
      'Concat with stored codes',
      [node('Concat', ['q', 'more'], ['r'], { axis: 1 })],
      [codes('more', DataType.UINT8, [2, 1, 4, 4], Array(32).fill(7))],
    ],
    [
      'Clip by stored codes',
      [node('Clip', ['q', 'low', 'high'], ['r'])],
      [codes('low', DataType.UINT8, [], [120]), codes('high', DataType.UINT8, [], [180])],
    ],
    [
      'Pad by the zero point',
      [node('Pad', ['q', 'pads', 'zero'], ['r'])],
      [int64('pads', [0, 0, 1, 1, 0, 0, 1, 0])],
    ],
    [
      'Cast there and back',
      [
        node('Cast', ['q'], ['wide'], { to: DataType.INT32 }),
        node('Cast', ['wide'], ['r'], { to: DataType.UINT8 }),
      ],
      [],
    ],
    [
      'Cast to a smaller type, which keeps the low bits',
      [
        node('Cast', ['q'], ['short'], { to: DataType.INT8 }),
        node('Cast', ['short'], ['float'], { to: DataType.FLOAT }),
        node('QuantizeLinear', ['float', 'one', 'zero'], ['r']),
      ],
      [number('one', 1)],
    ],
  ])('%s', async (_, nodes, stored) => {
    const file = between(nodes, stored);
    const expected = await reference(file);
    const [eager, compiled] = await valuesAndGradient(file);
    expectClose(eager!.y, expected);
    expectClose(compiled!.y, expected);
    expectClose(compiled!.slope, eager!.slope);
    // Straight through: 2 y in y = x, so as many slopes are other than zero as y has elements that come from x.
    expect(eager!.slope.filter((slope) => slope !== 0).length).toBeGreaterThan(size / 8);
  });

  it.each([DataType.INT4, DataType.UINT4, DataType.INT2, DataType.UINT2, DataType.UINT16])(
    'of data type %i',
    async (type) => {
      const file = model(
        shape,
        [
          node('QuantizeLinear', ['x', 'scale', 'zero'], ['q']),
          node('DequantizeLinear', ['q', 'scale', 'zero'], ['y']),
        ],
        [number('scale', 0.5), codes('zero', type, [], [1])],
        25,
      );
      const [eager, compiled] = await valuesAndGradient({ ...file, irVersion: 13 });
      const [low, high] = {
        [DataType.INT4]: [-8, 7],
        [DataType.UINT4]: [0, 15],
        [DataType.INT2]: [-2, 1],
        [DataType.UINT2]: [0, 3],
        [DataType.UINT16]: [0, 65535],
      }[type]!;
      // No value ties here, so that Math.round is the rounding of the specification.
      const expected = Array.from(values, (x) => {
        const code = Math.min(high!, Math.max(low!, Math.round(x / 0.5) + 1));
        return (code - 1) * 0.5;
      });
      expectClose(eager!.y, expected);
      expectClose(compiled!.y, expected);
    },
  );

  it('become integers for an operator that would compute otherwise with floats', async () => {
    const file = between(
      [
        node('Cast', ['q'], ['wide'], { to: DataType.INT32 }),
        node('Div', ['wide', 'two'], ['half']),
        node('Cast', ['half'], ['r'], { to: DataType.UINT8 }),
      ],
      [codes('two', DataType.INT32, [], [2])],
    );
    const [eager, compiled] = await valuesAndGradient(file);
    const expected = await reference(file);
    expectClose(eager!.y, expected);
    expectClose(compiled!.y, expected);
  });
});

describe('a layer of codes has the gradient of the float layer', () => {
  const scales = [number('xs', 0.04), number('ws', 0.01), number('ys', 0.2)];
  const zeros = [
    codes('xz', DataType.UINT8, [], [120]),
    codes('wz', DataType.INT8, [], [3]),
    codes('yz', DataType.UINT8, [], [120]),
  ];
  /** The same layer of floats: weights as their codes stand for. */
  const layer = (nodes: Node[], dims: number[]) =>
    model(
      shape,
      [node('DequantizeLinear', ['w', 'ws', 'wz'], ['f']), ...nodes],
      [...scales, ...zeros, bytes('w', dims)],
    );
  const quantize = node('QuantizeLinear', ['x', 'xs', 'xz'], ['q']);
  const dynamic = node('DynamicQuantizeLinear', ['x'], ['q', 'qs', 'qz']);
  const scaled = [
    node('Cast', ['sum'], ['products'], { to: DataType.FLOAT }),
    node('Mul', ['qs', 'ws'], ['s']),
    node('Mul', ['products', 's'], ['y']),
  ];

  it.each<[string, Node[], Node[], number[]]>([
    [
      'QLinearConv',
      [
        quantize,
        node('QLinearConv', ['q', 'xs', 'xz', 'w', 'ws', 'wz', 'ys', 'yz'], ['r'], { pads: [1, 0, 0, 1] }),
        node('DequantizeLinear', ['r', 'ys', 'yz'], ['y']),
      ],
      [node('Conv', ['x', 'f'], ['y'], { pads: [1, 0, 0, 1] })],
      [5, 3, 2, 2],
    ],
    [
      'QLinearMatMul',
      [
        quantize,
        node('QLinearMatMul', ['q', 'xs', 'xz', 'w', 'ws', 'wz', 'ys', 'yz'], ['r']),
        node('DequantizeLinear', ['r', 'ys', 'yz'], ['y']),
      ],
      [node('MatMul', ['x', 'f'], ['y'])],
      [4, 6],
    ],
    [
      'ConvInteger',
      [dynamic, node('ConvInteger', ['q', 'w', 'qz', 'wz'], ['sum']), ...scaled],
      [node('Conv', ['x', 'f'], ['y'])],
      [5, 3, 2, 2],
    ],
    [
      'MatMulInteger',
      [dynamic, node('MatMulInteger', ['q', 'w', 'qz', 'wz'], ['sum']), ...scaled],
      [node('MatMul', ['x', 'f'], ['y'])],
      [4, 6],
    ],
  ])('%s', async (_, nodes, floats, dims) => {
    const file = layer(nodes, dims);
    const [eager, compiled] = await valuesAndGradient(file);
    const expected = await reference(file);
    expectClose(eager!.y, expected);
    expectClose(compiled!.y, expected);
    expectClose(compiled!.slope, eager!.slope);
    const [same] = await valuesAndGradient(layer(floats, dims));
    // The values differ by the rounding of the codes.
    expectClose(eager!.slope, same!.slope, 0.1);
  });
});

it.each([
  [DataType.FLOAT, 2.501, 3],
  // 2.501 is 2.502 in float16, whose steps are 0.002 there, and 2.5 in bfloat16; halves go to the even number.
  [DataType.FLOAT16, 2.501, 3],
  [DataType.FLOAT16, 2.5005, 2],
  [DataType.BFLOAT16, 2.501, 2],
])('divides in data type %i: %d becomes %d', async (precision, x, expected) => {
  const file = model(
    [1],
    [
      node('QuantizeLinear', ['x', 'scale'], ['q'], { precision, output_dtype: DataType.INT8 }),
      node('Cast', ['q'], ['y'], { to: DataType.FLOAT }),
    ],
    [number('scale', 1)],
    23,
  );
  const network = buildNetwork(file);
  await tf.setBackend('cpu');
  expect(network.forward({}, { x: tf.tensor1d([x]) }).outputs.y!.dataSync()[0]).toBe(expected);
  const compiled = await compileFunction(
    (inputs) => ({ y: network.forward({}, { x: inputs.x! }).outputs.y! }),
    [{ name: 'x', shape: [1], dtype: 'float32' }],
  );
  const { y } = await compiled.run({ x: float32([1], Float32Array.of(x)) });
  await compiled.release();
  expect(y!.data[0]).toBe(expected);
});

it.each([
  [DataType.INT2, [1, -2, 0, -1, 1]],
  [DataType.UINT2, [3, 0, 2, 1, 3]],
  [DataType.UINT4, [15, 0, 9, 1, 7]],
])('reads stored codes of data type %i', async (type, numbers) => {
  const nodes = [node('DequantizeLinear', ['w', 'scale'], ['f']), node('Mul', ['x', 'f'], ['y'])];
  const file = model([5], nodes, [number('scale', 0.5), codes('w', type, [5], numbers)], 25);
  await tf.setBackend('cpu');
  const y = buildNetwork(file).forward({}, { x: tf.ones([5]) }).outputs.y!;
  expect(Array.from(y.dataSync())).toEqual(numbers.map((code) => code / 2));
});

it('takes stored and fed integers', async () => {
  const graph = makeGraph({
    nodes: [node('DequantizeLinear', ['x', 'scale', 'zero'], ['f']), node('MatMul', ['f', 'w'], ['y'])],
    initializers: [number('scale', 0.5), codes('zero', DataType.INT8, [], [-3]), weight('w', [3, 2])],
    inputs: [tensorInfo('x', DataType.INT8, [2, 3])],
    outputs: [tensorInfo('y', DataType.FLOAT)],
  });
  const network = buildNetwork(makeModel(graph, { opset: 17, irVersion: 8 }));
  await tf.setBackend('cpu');
  const x = tf.tensor([1, -2, 3, 4, 5, -128], [2, 3], 'int32');
  const y = network.forward({}, { x }).outputs.y!;
  const w = tf.tensor(network.parameters.get('w')!.values, [3, 2]);
  expectClose(Array.from(y.dataSync()), Array.from(x.cast('float32').add(3).mul(0.5).matMul(w).dataSync()));
});

it('codes that an operator takes as integers keep their type', async () => {
  await tf.setBackend('cpu');
  const graph = makeGraph({
    nodes: [node('QuantizeLinear', ['x', 'scale', 'zero'], ['q']), node('Abs', ['q'], ['y'])],
    initializers: [number('scale', 0.02), codes('zero', DataType.INT8, [], [0])],
    inputs: [tensorInfo('x', DataType.FLOAT, ['n', 3])],
    outputs: [{ name: 'y' }],
  });
  const network = buildNetwork({ ...between([]), graph });
  const { elementTypes } = network.forward({}, { x: tf.tensor2d([[1, -1, 0.5]]) });
  expect(elementTypes.y).toBe(DataType.INT8);
});
