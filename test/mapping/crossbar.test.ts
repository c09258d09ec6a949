import { expect, test } from 'vitest';
import { crossbarTensors } from '../../src/mapping/crossbar.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { readModel } from '../../src/onnx/file.js';
import { DataType, type Node, type Tensor } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { openSession } from '../../src/runtime/session.js';
import { sharedModels } from '../onnx/shared.js';

const { FLOAT, INT8, UINT8, INT4, INT64, FLOAT16 } = DataType;

function weights(name: string, dims: number[], dataType: number = FLOAT): Tensor {
  const count = dims.reduce((a, b) => a * b, 1);
  return makeTensor(
    name,
    dataType,
    dims,
    Array.from({ length: count }, (_, i) => (((i * 7) % 15) - 7) / (dataType === FLOAT ? 8 : 1)),
  );
}

function found(nodes: Node[], initializers: Tensor[]) {
  return crossbarTensors(makeModel(makeGraph({ nodes, initializers, inputs: [], outputs: [] })));
}

test('the weight operands of each layer, with their output channels', () => {
  const nodes = [
    makeNode('Conv', ['x', 'conv', 'bias'], ['a']),
    makeNode('ConvTranspose', ['a', 'deconv'], ['b']),
    makeNode('Gemm', ['b', 'gemm', 'bias'], ['c'], { transB: 1 }),
    makeNode('Gemm', ['c', 'gemm2'], ['d']),
    makeNode('MatMul', ['d', 'matmul'], ['e']),
    makeNode('MatMul', ['left', 'e'], ['f']),
    makeNode('MatMul', ['e', 'f'], ['g']),
    makeNode('BatchNormalization', ['g', 'bias', 'bias', 'bias', 'bias'], ['h']),
  ];
  const initializers = [
    weights('conv', [4, 2, 3, 3]),
    weights('deconv', [4, 5, 3, 3]),
    weights('gemm', [6, 8]),
    weights('gemm2', [8, 6]),
    weights('matmul', [2, 6, 7]),
    weights('left', [3, 6]),
    weights('bias', [4]),
  ];
  expect(
    found(nodes, initializers).map(({ name, opType, outputAxis, source }) => [
      name,
      opType,
      outputAxis,
      source,
    ]),
  ).toEqual([
    ['conv', 'Conv', 0, 'initializer'],
    ['deconv', 'ConvTranspose', 1, 'initializer'],
    ['gemm', 'Gemm', 0, 'initializer'],
    ['gemm2', 'Gemm', 1, 'initializer'],
    ['matmul', 'MatMul', 2, 'initializer'],
    ['left', 'MatMul', 0, 'initializer'],
  ]);
});

test('weights behind constants, views and casts', () => {
  const constant = makeNode('Constant', [], ['k'], { value: { tensor: weights('', [3, 5]) } });
  const shape = makeTensor('shape', INT64, [2], [-1, 10]);
  const nodes = [
    constant,
    makeNode('Transpose', ['k'], ['kt']),
    makeNode('MatMul', ['x', 'kt'], ['a']),
    makeNode('Reshape', ['w4', 'shape'], ['w2']),
    makeNode('MatMul', ['a', 'w2'], ['b']),
    makeNode('Cast', ['half'], ['full'], { to: FLOAT }),
    makeNode('Identity', ['full'], ['full2']),
    makeNode('Unsqueeze', ['full2'], ['kernel'], { axes: [2] }),
    makeNode('Conv', ['c', 'kernel'], ['d']),
  ];
  const tensors = found(nodes, [weights('w4', [4, 2, 2, 10]), shape, weights('half', [6, 3, 5], FLOAT16)]);
  expect(
    tensors.map(({ name, source, outputAxis, dims, dataType }) => ({
      name,
      source,
      outputAxis,
      dims,
      dataType,
    })),
  ).toEqual([
    { name: 'k', source: 'constant', outputAxis: 0, dims: [3, 5], dataType: FLOAT },
    { name: 'w4', source: 'initializer', outputAxis: 3, dims: [4, 2, 2, 10], dataType: FLOAT },
    { name: 'half', source: 'initializer', outputAxis: 0, dims: [6, 3, 5], dataType: FLOAT16 },
  ]);
  expect(tensors[2]!.values()[1]).toBe(0);
});

test('a shared weight is one tensor; layers inside If, Loop and Scan bodies count', () => {
  const inner = makeGraph({
    name: 'body',
    nodes: [
      makeNode('MatMul', ['x', 'w'], ['y'], {}, { name: 'inside' }),
      makeNode('MatMul', ['x', 'own'], ['z']),
    ],
    initializers: [weights('own', [2, 2])],
    inputs: [tensorInfo('x', FLOAT)],
    outputs: [tensorInfo('y', FLOAT)],
  });
  const nodes = [
    makeNode('MatMul', ['x', 'w'], ['a'], {}, { name: 'outside' }),
    makeNode('If', ['c'], ['b'], { then_branch: { graph: inner }, else_branch: { graph: inner } }),
  ];
  const tensors = found(nodes, [weights('w', [2, 2])]);
  expect(tensors.map(({ name }) => name)).toEqual(['w', 'own', 'own']);
  expect(tensors[0]!.nodes).toEqual([
    'node "outside" (MatMul)',
    // Both branches of this file are one graph.
    'node "inside" (MatMul) in else_branch of node #1 (If) -> b',
    'node "inside" (MatMul) in else_branch of node #1 (If) -> b',
  ]);
});

test('what a body takes as its own input hides an outer weight of that name', () => {
  const body = makeGraph({
    nodes: [makeNode('MatMul', ['x', 'w'], ['y'])],
    inputs: [tensorInfo('w', FLOAT)],
    outputs: [tensorInfo('y', FLOAT)],
  });
  expect(
    found([makeNode('Loop', ['n', 'c', 'w'], ['z'], { body: { graph: body } })], [weights('w', [2, 2])]),
  ).toEqual([]);
});

test('old files list weights as graph inputs too', () => {
  const graph = makeGraph({
    nodes: [makeNode('MatMul', ['x', 'w'], ['y'])],
    initializers: [weights('w', [2, 2])],
    inputs: [tensorInfo('x', FLOAT), tensorInfo('w', FLOAT, [2, 2])],
    outputs: [],
  });
  expect(crossbarTensors(makeModel(graph)).map(({ name }) => name)).toEqual(['w']);
});

test('products of activations, integer products and cyclic graphs have no crossbar tensors', () => {
  expect(found([makeNode('MatMul', ['a', 'b'], ['c'])], [])).toEqual([]);
  expect(found([makeNode('MatMul', ['a', 'i'], ['c'])], [weights('i', [2, 2], INT64)])).toEqual([]);
  const cycle = [
    makeNode('Identity', ['a'], ['b']),
    makeNode('Identity', ['b'], ['a']),
    makeNode('MatMul', ['x', 'a'], ['y']),
  ];
  expect(found(cycle, [])).toEqual([]);
});

/** The effective weights as onnxruntime computes them. */
async function byOnnxruntime(nodes: Node[], initializers: Tensor[], name: string): Promise<Float32Array> {
  const graph = makeGraph({ nodes, initializers, inputs: [], outputs: [tensorInfo(name, FLOAT)] });
  const session = await openSession(encodeModel(makeModel(graph)), { optimization: 'disabled' });
  return (await session.run({}))[name]!.data as Float32Array;
}

const quantized: [string, Tensor[], Record<string, number>][] = [
  ['int8 per tensor', [weights('q', [4, 6], INT8), makeTensor('s', FLOAT, [], [0.1])], {}],
  ['int8 with one scale in a list', [weights('q', [4, 6], INT8), makeTensor('s', FLOAT, [1], [0.1])], {}],
  [
    'int8 per output channel',
    [weights('q', [4, 6], INT8), makeTensor('s', FLOAT, [4], [0.1, 0.3, 7, 1e-8])],
    { axis: 0 },
  ],
  [
    'int4, axis from the end',
    [weights('q', [2, 3], INT4), makeTensor('s', FLOAT, [3], [0.1, 0.2, 0.3])],
    { axis: -1 },
  ],
  [
    'uint8 with zero points',
    [
      makeTensor('q', UINT8, [2, 2], [0, 100, 200, 255]),
      makeTensor('s', FLOAT, [2], [0.1, 0.2]),
      makeTensor('z', UINT8, [2], [128, 3]),
    ],
    { axis: 1 },
  ],
  [
    'int4 in blocks',
    [weights('q', [4, 3], INT4), makeTensor('s', FLOAT, [2, 3], [1, 2, 3, 0.1, 0.2, 0.3])],
    { axis: 0, block_size: 2 },
  ],
];

test.for(quantized)(
  'effective weights of %s are those of onnxruntime',
  async ([, initializers, attributes]) => {
    const names = initializers.map(({ name }) => name);
    const nodes = [
      makeNode('DequantizeLinear', names, ['w'], attributes),
      makeNode('MatMul', ['x', 'w'], ['y']),
    ];
    const [tensor] = found(nodes, initializers);
    expect(tensor).toMatchObject({ name: 'w', source: 'dequantized', dataType: FLOAT, codes: { name: 'q' } });
    expect(tensor!.values()).toEqual(await byOnnxruntime([nodes[0]!], initializers, 'w'));
  },
);

test('scales that do not fit their weights are refused', () => {
  const nodes = [makeNode('DequantizeLinear', ['q', 's'], ['w']), makeNode('MatMul', ['x', 'w'], ['y'])];
  const [tensor] = found(nodes, [weights('q', [4, 6], INT8), makeTensor('s', FLOAT, [5], [1, 2, 3, 4, 5])]);
  expect(() => tensor!.values()).toThrow('5 scales');
});

test('weights quantized in the graph: QuantizeLinear, DequantizeLinear', async () => {
  const initializers = [
    makeTensor('f', FLOAT, [2, 4], [0.05, 0.15, -0.25, 9, -20, 12.7, 0.349, 0]),
    makeTensor('s', FLOAT, [], [0.1]),
    makeTensor('z', INT8, [], [3]),
  ];
  const nodes = [
    makeNode('QuantizeLinear', ['f', 's', 'z'], ['q']),
    makeNode('DequantizeLinear', ['q', 's', 'z'], ['w']),
    makeNode('MatMul', ['x', 'w'], ['y']),
  ];
  const [tensor] = found(nodes, initializers);
  expect(tensor).toMatchObject({ name: 'w', source: 'dequantized', dims: [2, 4] });
  expect(tensor!.values()).toEqual(await byOnnxruntime(nodes.slice(0, 2), initializers, 'w'));
});

const expected: Record<string, number> = {
  'amandashi_resnet20.onnx': 22,
  'mnist-8_cntk.onnx': 3,
  'mnist_tfjs-onnx-demo.onnx': 3,
  'kassymm_tinyml_fp32.onnx': 37,
  'kassymm_tinyml_int8_static.onnx': 37,
  'zkml_lenet_4_8_32.onnx': 4,
  'hls4ml_three_layer_bn_keras.onnx': 4,
};
const files = sharedModels().filter((path) => expected[path.split('/').at(-1)!]);
test.skipIf(files.length === 0).for(files)('every layer of %s', async (path) => {
  const tensors = crossbarTensors(await readModel(path));
  expect(tensors.flatMap(({ nodes }) => nodes)).toHaveLength(expected[path.split('/').at(-1)!]!);
  for (const tensor of tensors) {
    expect(tensor.outputAxis).toBeGreaterThanOrEqual(0);
    expect(tensor.values()).toHaveLength(tensor.dims.reduce((a, b) => a * b, 1));
  }
});
