/** What tfjs means by a kernel at its edges: other types, NaN, empty tensors, axes and sizes left out, wrong shapes. */
import * as tf from '@tensorflow/tfjs';
import { describe, expect, it } from 'vitest';
import {
  bool,
  compileFunction,
  float32,
  type HostTensor,
  int32,
  traceModel,
} from '../../src/compile/index.js';
import { runOnCpu } from './reference.js';

type Case = [HostTensor[], (...given: any[]) => tf.Tensor];

const line = float32([5], [2, -1, 0, -3, 4]);
const grid = float32([2, 3], [1, -2, 3, -4, 5, -6]);
const cube = float32([2, 2, 3], [1, 2, 3, 4, 5, 6, -1, -2, -3, -4, -5, -6]);
const whole = int32([4], [3, -2, 0, 7]);
const matrix = int32([2, 3], [1, 2, 3, -4, 5, 6]);
const flags = bool([3], [true, false, true]);
const holes = float32([4], [1, Number.NaN, -3, 2]);

const cases: Record<string, Case> = {
  'the exponential of integers': [[int32([3], [0, 1, 2])], (x) => tf.exp(x)],
  'PReLU of integers': [[whole, float32([1], [0.25])], (x, slope) => tf.prelu(x, slope)],
  'leaky ReLU of integers': [[whole], (x) => tf.leakyRelu(x, 0.25)],
  'ReLU6 of integers': [[whole], (x) => tf.relu6(x)],
  'the step of integers': [[whole], (x) => tf.step(x)],
  'the step of NaN': [[holes], (x) => tf.step(x, 0.5)],
  'the sign of NaN': [[holes], (x) => tf.sign(x)],
  'the mean of integers': [[whole], (x) => tf.mean(x)],
  'the mean of booleans': [[flags], (x) => tf.mean(x)],
  'the first maximum that is a number': [[holes], (x) => tf.argMax(x)],
  'the first minimum that is a number': [[holes], (x) => tf.argMin(x)],
  'the first true': [[bool([3], [false, true, true])], (x) => tf.argMax(x)],
  'a product of integers': [[matrix, matrix], (a, b) => tf.matMul(a, b, true, false)],
  'a product of integers and a bias': [
    [matrix, int32([3, 2], [1, 0, 2, 1, 0, 1]), int32([2], [5, -5])],
    (a, b, bias) => tf.matMul(a, b).add(bias),
  ],
  'an axis more for no elements': [[float32([0, 3], [])], (x) => tf.expandDims(x, 0)],
  'no elements beside no elements': [
    [float32([0, 5], []), float32([0, 10], [])],
    (a, b) => tf.concat([a, b], 1),
  ],
  'reversing every axis': [[grid], (x) => tf.reverse(x)],
  'reversing one axis': [[line], (x) => tf.reverse(x, 0)],
  'a slice without sizes': [[cube], (x) => tf.slice(x, [1, 1])],
  'a slice from a number': [[cube], (x) => tf.slice(x, 1)],
  'a slice to the end': [[cube], (x) => tf.slice(x, [0, 1], [-1, 1])],
  'scattering numbers': [
    [int32([3], [1, 3, 1]), float32([3], [9, 10, 11])],
    (indices, updates) => tf.scatterND(indices, updates, [6]),
  ],
  'sums without the segments that do not exist': [
    [line, int32([5], [0, -1, 1, 7, 0])],
    (x, segments) => tf.unsortedSegmentSum(x, segments, 2),
  ],
  'picking row by row': [[grid, int32([2, 2], [2, 0, 1, 1])], (x, i) => tf.gather(x, i, 1, 1)],
  'picking row by row along a later axis': [
    [cube, int32([2, 2], [2, 0, 1, 1])],
    (x, i) => tf.gather(x, i, 2, 1),
  ],
  'picking row by row, axes counted from the end': [
    [grid, int32([2, 2], [2, 0, 1, 1])],
    (x, i) => tf.gather(x, i, -1, -1),
  ],
  'a mirror with the edge': [
    [grid],
    (x) =>
      tf.mirrorPad(
        x,
        [
          [1, 2],
          [3, 0],
        ],
        'symmetric',
      ),
  ],
  'products so far': [[cube], (x) => tf.cumprod(x, 2)],
  'products of what follows': [[cube], (x) => tf.cumprod(x, 1, true, true)],
  'the gradient of a product with a zero': [[line], (x) => tf.grad((t: tf.Tensor) => tf.prod(t))(x)],
  'a range': [[line], (x) => x.mul(tf.range(0, 10, 2))],
  'a falling range of integers': [[whole], (x) => x.add(tf.range(9, 5, -1, 'int32'))],
  'an even division of an interval': [[line], (x) => x.mul(tf.linspace(-1, 1, 5))],
  'a slice with strides': [[cube], (x) => tf.stridedSlice(x, [1, 0, 2], [0, 2, -4], [-1, 1, -2])],
  'a slice with masks': [[cube], (x) => tf.stridedSlice(x, [0, 1, 1], [1, 0, 2], [1, 1, 1], 1, 4, 0, 0, 2)],
  'a slice with an ellipsis and a new axis': [
    [cube],
    (x) => tf.stridedSlice(x, [0, 0, 1], [0, 0, 3], [1, 1, 1], 0, 0, 1, 2, 0),
  ],
  'an empty slice with strides': [[line], (x) => tf.stridedSlice(x, [3], [1], [2])],
  'the angle of a point': [
    [float32([9], [0, 1, 1, 1, 0, -1, -1, -1, 0]), float32([9], [1, 1, 0, -1, -1, -1, 0, 1, 0])],
    (y, x) => tf.atan2(y, x),
  ],
  'a variable that changes': [
    [line],
    (x) => {
      const state = tf.variable(x);
      tf.tidy(() => state.assign(state.add(1)));
      tf.tidy(() => state.assign(state.mul(2)));
      const out = state.add(0);
      state.dispose();
      return out;
    },
  ],
};

const namesOf = (given: HostTensor[]) => given.map((_, i) => `given${i}`);
const specsOf = (given: HostTensor[]) =>
  given.map(({ type, dims }, i) => ({ name: `given${i}`, shape: dims, dtype: type as 'float32' }));

describe('a recorded function means what tfjs means', () => {
  for (const [name, [given, fn]] of Object.entries(cases)) {
    it(`by ${name}`, async () => {
      const names = namesOf(given);
      const whole = (inputs: Record<string, tf.Tensor>) => ({ out: fn(...names.map((n) => inputs[n])) });
      const feeds = Object.fromEntries(names.map((n, i) => [n, given[i]!]));
      const expected = runOnCpu(whole, feeds).out!;
      const program = await compileFunction(whole, specsOf(given));
      const { out } = await program.run(feeds);
      await program.release();
      expect([out!.type, out!.dims]).toEqual([expected.type, expected.dims]);
      expect([...out!.data].map(Number)).toHaveLength(expected.data.length);
      for (const [i, value] of expected.data.entries()) {
        if (Number.isNaN(Number(value))) expect(out!.data[i]).toBeNaN();
        else expect(Number(out!.data[i])).toBeCloseTo(Number(value), 5);
      }
    });
  }
});

describe('tracing refuses what tfjs refuses', () => {
  const wrong: Record<string, [RegExp, ...Case]> = {
    'a concatenation of unequal rows': [
      /shape/,
      [grid, float32([2, 2], [1, 2, 3, 4])],
      (a, b) => tf.concat([a, b], 0),
    ],
    'a stack of unequal tensors': [
      /[Ss]hape/,
      [grid, float32([2, 2], [1, 2, 3, 4])],
      (a, b) => tf.stack([a, b]),
    ],
    'a product whose inner extents differ': [/inner/, [grid, grid], (a, b) => tf.matMul(a, b)],
    'a slice out of bounds': [/slice|begin/, [grid], (x) => tf.slice(x, [1, 1], [2, 2])],
    'a split that does not add up': [/sizes/, [grid], (x) => tf.split(x, [1, 1], 1)[0]!],
    'an axis that does not exist': [/axis/, [grid], (x) => tf.reverse(x, 5)],
    'a new axis beyond the last': [/dim|axis|Axis/, [grid], (x) => tf.expandDims(x, -4)],
    'more indices than axes': [/index/, [line, int32([1, 2], [0, 0])], (x, i) => tf.gatherND(x, i)],
    'a tensor of strings': [/string/, [line], () => tf.fill([2], 'a')],
  };
  for (const [name, [message, given, fn]] of Object.entries(wrong)) {
    it(name, () => {
      const whole = (inputs: Record<string, tf.Tensor>) => ({
        out: fn(...namesOf(given).map((n) => inputs[n])),
      });
      expect(() => traceModel(whole, specsOf(given))).toThrow(message);
    });
  }
});
