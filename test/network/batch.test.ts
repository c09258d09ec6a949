/** A batch fixed in the file: other batches run, example by example the same; what would mix examples is refused. */
import * as tf from '@tensorflow/tfjs';
import { beforeAll, describe, expect, it } from 'vitest';
import { importModel } from '../../src/import/importModel.js';
import type { Model } from '../../src/onnx/model.js';
import { int64, model, node, weight } from './onnxModels.js';

beforeAll(() => tf.setBackend('cpu'));

/** Outputs of a batch of four against those of its examples, one by one. */
function expectSamePerExample(file: Model, example: number[]): void {
  const { network } = importModel(file);
  const x = tf.randomUniform([4, ...example], -1, 1, 'float32', 7);
  const y = (batch: tf.Tensor) => network.forward({}, { x: batch }).outputs.y!;
  const together = y(x);
  expect(together.shape[0]).toBe(4);
  const apart = tf.concat([0, 1, 2, 3].map((i) => y(x.slice([i], [1]))));
  expect(together.sub(apart).abs().max().dataSync()[0]).toBeLessThan(1e-6);
}

describe('a batch of 1 in the file', () => {
  it.each([[[1, 12]], [[1, -1]], [[-1, 12]], [[0, 12]], [[1, 2, 6]]])(
    'Reshape to %s keeps examples apart',
    (shape) => {
      const nodes = [node('Relu', ['x'], ['r']), node('Reshape', ['r', 'shape'], ['y'])];
      expectSamePerExample(model([1, 3, 4], nodes, [int64('shape', shape)]), [3, 4]);
    },
  );

  it('follows the batch through Transpose and back', () => {
    const nodes = [
      node('Transpose', ['x'], ['t'], { perm: [1, 0, 2] }),
      node('Transpose', ['t'], ['u'], { perm: [1, 0, 2] }),
      node('Reshape', ['u', 'shape'], ['y']),
    ];
    expectSamePerExample(model([1, 3, 4], nodes, [int64('shape', [1, 12])]), [3, 4]);
  });

  it('takes shape arithmetic as it comes', () => {
    const nodes = [
      node('Shape', ['x'], ['s']),
      node('Gather', ['s', 'zero'], ['b'], { axis: 0 }),
      node('Concat', ['b', 'rest'], ['shape'], { axis: 0 }),
      node('Reshape', ['x', 'shape'], ['y']),
    ];
    expectSamePerExample(model([1, 3, 4], nodes, [int64('zero', [0]), int64('rest', [-1])]), [3, 4]);
  });

  it('leaves a reshaped weight alone', () => {
    const nodes = [node('Reshape', ['w', 'shape'], ['v']), node('MatMul', ['x', 'v'], ['y'])];
    expectSamePerExample(model([1, 6], nodes, [weight('w', [1, 2, 3, 5]), int64('shape', [6, 5])]), [6]);
  });

  it.each([[[12]], [[2, 6]], [[3, -1]]])('refuses Reshape to %s, which would mix examples', (shape) => {
    const file = model([1, 3, 4], [node('Reshape', ['x', 'shape'], ['y'])], [int64('shape', shape)]);
    expect(() => importModel(file)).toThrow(/fits only the file's batch of 1[\s\S]*dynamic batch/);
  });

  it('refuses a constant Reshape where the batch is not the first axis', () => {
    const nodes = [
      node('Transpose', ['x'], ['t'], { perm: [1, 0, 2] }),
      node('Reshape', ['t', 'shape'], ['y']),
    ];
    expect(() => importModel(model([1, 3, 4], nodes, [int64('shape', [3, 4])]))).toThrow(/fits only/);
  });

  it.each([
    ['Resize', ['r', '', '', 'shape'], [1, 2, 5, 3]],
    ['CenterCropPad', ['r', 'shape'], [1, 2, 3, 5]],
  ] as const)('%s to a constant shape keeps examples apart', (opType, inputs, shape) => {
    const nodes = [node('Relu', ['x'], ['r']), node(opType, [...inputs], ['y'])];
    expectSamePerExample(model([1, 2, 4, 4], nodes, [int64('shape', [...shape])], 18), [2, 4, 4]);
  });

  it('refuses a Resize to a constant shape where the batch is not the first axis', () => {
    const nodes = [
      node('Transpose', ['x'], ['t'], { perm: [1, 2, 3, 0] }),
      node('Resize', ['t', '', '', 'shape'], ['y']),
    ];
    const file = model([1, 2, 4, 4], nodes, [int64('shape', [2, 8, 8, 1])], 18);
    expect(() => importModel(file)).toThrow(/fits only the file's batch of 1/);
  });

  // Keras normalizes a layer as one "picture" with a channel for each row of each example.
  it.each([
    ['ReduceMean', { axes: [0, 2] }],
    ['ReduceMax', {}],
    ['Softmax', { axis: 0 }],
    ['LogSoftmax', { axis: -3 }],
  ])('refuses %s over the batch, which would mix examples', (opType, attributes) => {
    const nodes = [
      node('Relu', ['x'], ['r']),
      node(opType, ['r'], ['m'], attributes),
      node('Sub', ['r', 'm'], ['y']),
    ];
    expect(() => importModel(model([1, 3, 4], nodes, []))).toThrow(/would mix examples[\s\S]*dynamic batch/);
  });

  it('lets a Shape be reduced', () => {
    const nodes = [
      node('Shape', ['x'], ['s']),
      node('ReduceProd', ['s'], ['n'], { keepdims: 0 }),
      node('Cast', ['n'], ['f'], { to: 1 }),
      node('Div', ['x', 'f'], ['d']),
      node('Mul', ['d', 'f'], ['y']),
    ];
    expectSamePerExample(model([1, 3, 4], nodes, []), [3, 4]);
  });

  it('is named as the reason where only another batch has a problem', () => {
    const state = weight('h', [1, 2, 4]);
    const nodes = [node('Concat', ['x', 'h'], ['y'], { axis: 1 })];
    expect(() => importModel(model([1, 3, 4], nodes, [state]))).toThrow(/fits only its own batch of 1/);
    const misfit = weight('h', [1, 2, 5]);
    expect(() => importModel(model([1, 3, 4], nodes, [misfit]))).not.toThrow(/fits only its own batch/);
    expect(() => importModel(model([1, 3, 4], nodes, [misfit]))).toThrow(/do not fit/);
  });

  it('is told in a note', () => {
    const file = model([1, 3, 4], [node('Reshape', ['x', 'shape'], ['y'])], [int64('shape', [1, 12])]);
    expect(importModel(file).notes.join('\n')).toMatch(/constant shape \[1,12\] is read as \[batch, 12\]/);
  });
});
