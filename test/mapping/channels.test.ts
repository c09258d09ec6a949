import { expect, test } from 'vitest';
import { channelRange, rangeOfEach } from '../../src/mapping/channels.js';
import { crossbarTensors } from '../../src/mapping/crossbar.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { DataType, type Node, type Tensor } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';

const { FLOAT, INT8, UINT8 } = DataType;

/** Row-major 1, 2, 3, ...: the largest of a channel is its last. */
function counting(name: string, dims: number[]): Tensor {
  const size = dims.reduce((product, extent) => product * extent, 1);
  return makeTensor(
    name,
    FLOAT,
    dims,
    Float32Array.from({ length: size }, (_, i) => i + 1),
  );
}

function tensorsOf(nodes: Node[], initializers: Tensor[]) {
  const inputs = [tensorInfo('x', FLOAT)];
  const outputs = [tensorInfo('y', FLOAT)];
  return crossbarTensors(makeModel(makeGraph({ nodes, initializers, inputs, outputs })));
}

function rangeOf(nodes: Node[], initializers: Tensor[]): number[] {
  const [tensor] = tensorsOf(nodes, initializers);
  const { dims } = tensor!;
  return [...rangeOfEach(channelRange(tensor!.values(), dims, tensor!.channels()), dims)];
}

test.each([
  ['Conv: the first axis', makeNode('Conv', ['x', 'w'], ['y']), [2, 1, 3], [3, 3, 3, 6, 6, 6]],
  ['Gemm: the last', makeNode('Gemm', ['x', 'w'], ['y']), [2, 3], [4, 5, 6, 4, 5, 6]],
  [
    'Gemm, transposed: the first',
    makeNode('Gemm', ['x', 'w'], ['y'], { transB: 1 }),
    [2, 3],
    [3, 3, 3, 6, 6, 6],
  ],
  ['MatMul from the left', makeNode('MatMul', ['w', 'x'], ['y']), [2, 3], [3, 3, 3, 6, 6, 6]],
  ['ConvTranspose: the second', makeNode('ConvTranspose', ['x', 'w'], ['y']), [2, 2, 1], [3, 4, 3, 4]],
  [
    'ConvTranspose with groups: channels of each group',
    makeNode('ConvTranspose', ['x', 'w'], ['y'], { group: 2 }),
    [4, 2, 1],
    [3, 4, 3, 4, 7, 8, 7, 8],
  ],
])('%s', (_, node, dims, expected) => {
  expect(rangeOf([node], [counting('w', dims)])).toEqual(expected);
});

test('the axis is followed through views; where it is lost the tensor is one channel', () => {
  const behind = (view: Node, layer: Node, dims: number[], more: Tensor[] = []) =>
    rangeOf([view, layer], [counting('w', dims), ...more]);
  const transposed = makeNode('Transpose', ['w'], ['v'], { perm: [1, 0] });
  expect(behind(transposed, makeNode('MatMul', ['x', 'v'], ['y']), [2, 3])).toEqual([3, 3, 3, 6, 6, 6]);
  const moved = makeNode('Transpose', ['w'], ['v'], { perm: [1, 0, 2] });
  const grouped = makeNode('ConvTranspose', ['x', 'v'], ['y'], { group: 2 });
  expect(behind(moved, grouped, [1, 4, 1])).toEqual([2, 2, 4, 4]);
  const shape = makeTensor('shape', DataType.INT64, [2], [3, 2]);
  const reshaped = makeNode('Reshape', ['w', 'shape'], ['v']);
  expect(behind(reshaped, makeNode('MatMul', ['x', 'v'], ['y']), [2, 3], [shape])).toEqual(Array(6).fill(6));
});

test('of codes the range is what the scales can express, but nothing where all codes are zero', () => {
  const dequantized = (codes: Tensor, more: Tensor[], attributes = {}) => {
    const inputs = [codes.name, ...more.map(({ name }) => name)];
    const nodes = [
      makeNode('DequantizeLinear', inputs, ['w'], attributes),
      makeNode('MatMul', ['x', 'w'], ['y']),
    ];
    return rangeOf(nodes, [codes, ...more]);
  };
  const codes = makeTensor('codes', INT8, [2, 3], [1, 0, 2, 3, 0, 4]);
  const scales = makeTensor('scales', FLOAT, [3], [0.5, 1, 2]);
  expect(dequantized(codes, [scales], { axis: 1 })).toEqual([63.5, 0, 254, 63.5, 0, 254]);
  const one = makeTensor('scale', FLOAT, [], [0.5]);
  expect(dequantized(codes, [one])).toEqual(Array(6).fill(63.5));
  const unsigned = makeTensor('unsigned', UINT8, [2, 3], [1, 0, 2, 3, 0, 4]);
  const zero = makeTensor('zero', UINT8, [], [100]);
  expect(dequantized(unsigned, [one, zero])).toEqual(Array(6).fill(0.5 * 155));
});

test('codes that two DequantizeLinear read on one grid are one array; on two grids one draw', () => {
  const codes = makeTensor('codes', INT8, [2, 3], [1, 0, 2, 3, 0, 4]);
  const scales = ['a', 'b', 'c'].map((name, i) => makeTensor(name, FLOAT, [], [i < 2 ? 0.5 : 2]));
  const nodes = ['a', 'b', 'c'].flatMap((name) => [
    makeNode('DequantizeLinear', ['codes', name], [`w${name}`]),
    makeNode('MatMul', ['x', `w${name}`], [`y${name}`], {}, { name: `layer ${name}` }),
  ]);
  expect(tensorsOf(nodes, [codes, ...scales])).toMatchObject([
    {
      name: 'wa',
      copies: ['wb'],
      array: 'wa',
      nodes: ['node "layer a" (MatMul)', 'node "layer b" (MatMul)'],
    },
    { name: 'wc', copies: [], array: 'wa' },
  ]);
});
