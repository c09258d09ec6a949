/** Which stored tensors are trained as weights on a grid, and which values the grid has. */
import { expect, it } from 'vitest';
import { gridValues, nearestCodes } from '../../src/network/grid.js';
import { buildNetwork } from '../../src/network/network.js';
import { DataType, type Node, type Tensor } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { model, node } from './onnxModels.js';

const float = (name: string, dims: number[], values: number[]) =>
  makeTensor(name, DataType.FLOAT, dims, values);
const int8 = (name: string, dims: number[], values: number[]) =>
  makeTensor(name, DataType.INT8, dims, values);
const codes = int8('w', [2, 3], [1, -2, 3, -4, 5, 100]);

function parameters(nodes: Node[], initializers: Tensor[], opset = 21) {
  return buildNetwork(model(['batch', 2], nodes, initializers, opset)).parameters;
}

const dequantized = (scale: Tensor, attributes = {}, more: Tensor[] = [], zero = '') =>
  parameters(
    [node('DequantizeLinear', ['w', 's', zero], ['f'], attributes), node('MatMul', ['x', 'f'], ['y'])],
    [codes, scale, ...more],
  );

it.each<[string, Tensor, object, number[]]>([
  ['one scale', float('s', [], [0.5]), {}, [0.5, -1, 1.5, -2, 2.5, 50]],
  ['scales along an axis', float('s', [3], [1, 2, 4]), { axis: -1 }, [1, -4, 12, -4, 10, 400]],
  [
    'scales of blocks',
    float('s', [2, 2], [1, 2, 4, 8]),
    { axis: 1, block_size: 2 },
    [1, -2, 6, -16, 20, 800],
  ],
])('%s', (_, scale, attributes, expected) => {
  const { values, grid, role, crossbar } = dequantized(scale, attributes).get('w')!;
  expect(Array.from(values)).toEqual(expected);
  expect({ role, crossbar }).toEqual({ role: 'weight', crossbar: true });
  expect(Array.from(nearestCodes(values, [2, 3], grid!))).toEqual([1, -2, 3, -4, 5, 100]);
  const between = values.map((value) => value * 1.001);
  expect(gridValues(nearestCodes(between, [2, 3], grid!), [2, 3], grid!)).toEqual(values);
});

it('rounds halves to even, saturates, and keeps symmetric codes symmetric', () => {
  const { grid } = dequantized(float('s', [], [2])).get('w')!;
  const weights = Float32Array.of(1, 3, -1, 1e9, -1e9, 0);
  expect(Array.from(nearestCodes(weights, [2, 3], grid!))).toEqual([0, 2, 0, 127, -127, 0]);
  const shifted = dequantized(float('s', [], [2]), {}, [int8('z', [], [3])], 'z').get('w')!;
  expect(Array.from(nearestCodes(weights, [2, 3], shifted.grid!))).toEqual([3, 5, 3, 127, -128, 3]);
});

it('finds codes in a Constant node, behind Identity', () => {
  const found = parameters(
    [
      node('Constant', [], ['k'], { value: { tensor: codes } }),
      node('Identity', ['k'], ['i']),
      node('DequantizeLinear', ['i', 's'], ['f']),
      node('MatMul', ['x', 'f'], ['y']),
    ],
    [float('s', [], [0.5])],
  );
  expect(found.get('k')?.grid).toBeDefined();
});

const twice = [
  node('MatMul', ['x', 'f'], ['a']),
  node('MatMul', ['x', 'g'], ['b']),
  node('Add', ['a', 'b'], ['y']),
];
const first = node('DequantizeLinear', ['w', 's'], ['f']);

it('takes codes that two nodes read on the same grid, and not on two', () => {
  const shared = (other: number) =>
    parameters(
      [first, node('DequantizeLinear', ['w', 't'], ['g']), ...twice],
      [codes, float('s', [], [0.5]), float('t', [], [other])],
    );
  expect([...shared(0.5).keys()]).toEqual(['w']);
  expect([...shared(0.25).keys()]).toEqual([]);
});

it.each<[string, Tensor]>([
  ['a negative scale', float('s', [], [-1])],
  ['a scale of zero', float('s', [], [0])],
  ['a scale that is no number', float('s', [], [Number.NaN])],
])('leaves %s alone', (_, scale) => {
  expect([...dequantized(scale).keys()]).toEqual([]);
});

it('leaves codes alone that something else reads, and biases too large for float32', () => {
  const cast = node('Cast', ['w'], ['g'], { to: DataType.FLOAT });
  expect([...parameters([first, cast, ...twice], [codes, float('s', [], [0.5])]).keys()]).toEqual([]);
  const bias = (code: number) =>
    parameters(
      [first, node('DequantizeLinear', ['b', 's'], ['c']), node('Gemm', ['x', 'f', 'c'], ['y'])],
      [codes, float('s', [], [0.5]), makeTensor('b', DataType.INT32, [3], [1, -2, code])],
    );
  expect([...bias(70000).keys()]).toEqual(['w', 'b']);
  expect([...bias(2 ** 24 + 1).keys()]).toEqual(['w']);
});
