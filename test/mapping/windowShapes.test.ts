/** Extents behind windows, against what onnxruntime gives. */
import { expect, test } from 'vitest';
import { outputShape } from '../../src/mapping/shapes.js';
import { makeGraph, makeModel, makeNode, tensorInfo } from '../../src/onnx/build.js';
import { encodeModel } from '../../src/onnx/codec.js';
import { DataType, type Node } from '../../src/onnx/model.js';
import { makeTensor } from '../../src/onnx/tensor.js';
import { float32 } from '../../src/runtime/host.js';
import { openSession } from '../../src/runtime/session.js';

const { FLOAT } = DataType;
const size = [1, 2, 11, 14];
const kernel = makeTensor('w', FLOAT, [2, 2, 3, 2], new Float32Array(24));
const pooled = (type: string, more: Parameters<typeof makeNode>[3]) =>
  makeNode(type, ['x'], ['y'], { kernel_shape: [3, 2], ...more });
const convolved = (type: string, more: Parameters<typeof makeNode>[3]) =>
  makeNode(type, ['x', 'w'], ['y'], more);

test.each<[Node]>([
  [convolved('Conv', {})],
  [convolved('Conv', { strides: [2, 3], pads: [1, 0, 2, 1], dilations: [2, 1] })],
  [convolved('Conv', { strides: [2, 3], auto_pad: 'SAME_UPPER' })],
  [convolved('Conv', { strides: [2, 3], auto_pad: 'VALID' })],
  [convolved('ConvTranspose', { strides: [2, 3], pads: [1, 0, 1, 1], output_padding: [1, 2] })],
  [pooled('MaxPool', { strides: [2, 2] })],
  [pooled('MaxPool', { strides: [2, 2], ceil_mode: 1 })],
  [pooled('AveragePool', { strides: [3, 3], pads: [1, 1, 1, 0] })],
])('$opType', async (node) => {
  const graph = makeGraph({
    nodes: [node],
    initializers: [kernel],
    inputs: [tensorInfo('x', FLOAT, size)],
    outputs: [tensorInfo('y', FLOAT)],
  });
  const session = await openSession(encodeModel(makeModel(graph)));
  const { y } = await session.run({ x: float32(size, new Float32Array(2 * 11 * 14)) });
  await session.release();
  const shapes = node.inputs.map((name) => (name === 'x' ? size : kernel.dims));
  expect(outputShape(node, { shapes, ints: () => undefined })).toEqual([...y!.dims]);
});
