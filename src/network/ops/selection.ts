/** Operators that join tensors, cut them up, or repeat them (ONNX: Concat, Split, Slice, Tile). */

import * as tf from '@tensorflow/tfjs';
import { extentOf } from '../../compile/shapes.js';
import { elementOf } from '../../lists/elementOf.js';
import { int, ints } from '../attributes.js';
import { axesOf, axisOf, integer, integers } from '../axes.js';
import { positions } from '../extents.js';
import { defineOperator, UnsupportedForm } from '../operator.js';

/** concat_result = the inputs one after the other along the axis. */
export const Concat = defineOperator({
  type: 'Concat',
  since: [1, 4, 11, 13],
  inputs: ['inputs*'],
  attributes: { axis: int() },
  check: ({ axis }, opset) =>
    axis === undefined && opset >= 4 ? [{ what: 'attribute "axis" is missing' }] : [],
  evaluate({ inputs }, attributes) {
    const first = elementOf(inputs, 0, 'input');
    const axis = axisOf(attributes.axis ?? 1, first.rank);
    const others = (x: tf.Tensor) => x.shape.map((extent, i) => (i === axis ? 'any' : extent)).join();
    const shapes = inputs.map(({ shape }) => `[${shape}]`).join(', ');
    if (inputs.some((x) => others(x) !== others(first)))
      throw new UnsupportedForm(`inputs ${shapes} do not fit along axis ${axis}`);
    return tf.concat(inputs, axis);
  },
  gradient: 'yes',
});

/** outputs = the input cut along the axis, into parts of the given or of equal extents. */
export const Split = defineOperator({
  type: 'Split',
  since: [1, 2, 11, 13, 18],
  inputs: ['input', 'split?'],
  structural: ['split'],
  attributes: {
    axis: int(0),
    split: ints(undefined, { until: 13 }),
    num_outputs: int(undefined, { since: 18 }),
  },
  outputs: Number.POSITIVE_INFINITY,
  evaluate({ input, split }, attributes, { opset, outputCount }) {
    const axis = axisOf(attributes.axis, input.rank);
    const given = split ? integers(split) : attributes.split;
    const parts = attributes.num_outputs ?? outputCount;
    const extent = extentOf(input.shape, axis);
    const even = opset < 18 ? extent / parts : Math.ceil(extent / parts);
    const sizes = positions(parts).map((i) => Math.min(even, extent - i * even));
    const wanted = given ?? sizes;
    const whole = wanted.every((size) => size >= 0 && Number.isInteger(size));
    const sum = wanted.reduce((total, size) => total + size, 0);
    if (!whole || sum !== extent || wanted.length !== outputCount)
      throw new UnsupportedForm(`${extent} elements split into [${wanted}] for ${outputCount} outputs`);
    // tfjs has no gradient for a split into one part.
    return wanted.length === 1 ? input.clone() : tf.split(input, wanted, axis);
  },
  gradient: 'yes',
});

/** output[i] = data[start + i * step] before end, along each of the axes. */
export const Slice = defineOperator({
  type: 'Slice',
  since: [1, 10, 11, 13],
  inputs: ['data', 'starts?', 'ends?', 'axes?', 'steps?'],
  structural: ['starts', 'ends', 'axes', 'steps'],
  attributes: {
    starts: ints(undefined, { until: 10 }),
    ends: ints(undefined, { until: 10 }),
    axes: ints(undefined, { until: 10 }),
  },
  evaluate({ data, starts, ends, axes, steps }, attributes) {
    const from = starts ? integers(starts) : attributes.starts;
    const to = ends ? integers(ends) : attributes.ends;
    if (!from || !to) throw new UnsupportedForm('starts and ends are missing');
    const along = (axes && integers(axes)) ?? attributes.axes ?? [...from.keys()];
    const by = steps ? integers(steps) : from.map(() => 1);
    if ([to, along, by].some(({ length }) => length !== from.length))
      throw new UnsupportedForm(
        `${from.length} starts, ${to.length} ends, ${along.length} axes, ${by.length} steps`,
      );
    return axesOf(along, data.rank).reduce(
      (x, axis, i) =>
        sliceAxis(x, axis, elementOf(from, i, 'start'), elementOf(to, i, 'end'), elementOf(by, i, 'step')),
      data as tf.Tensor,
    );
  },
  gradient: 'yes',
});

/** Bounds as in Python: negative from the end, clamped; a negative step walks backwards from `start`. */
function sliceAxis(x: tf.Tensor, axis: number, start: number, end: number, step: number): tf.Tensor {
  const extent = extentOf(x.shape, axis);
  const fromEnd = (position: number) => (position < 0 ? position + extent : position);
  const clamp = (position: number, low: number, high: number) => Math.min(high, Math.max(low, position));
  if (step === 0) throw new UnsupportedForm('step 0');
  const [low, high] = step > 0 ? [0, extent] : [-1, extent - 1];
  const first = clamp(fromEnd(start), step > 0 ? low : 0, high);
  const last = clamp(fromEnd(end), low, high);
  const count = Math.max(0, Math.ceil((last - first) / step));
  if (step === 1) {
    if (count === extent) return x;
    const begin = x.shape.map((_, i) => (i === axis ? first : 0));
    return x.slice(
      begin,
      x.shape.map((n, i) => (i === axis ? count : n)),
    );
  }
  // tfjs has no gradient for strided slices; a gather by constant positions has one.
  const picked = positions(count).map((i) => first + i * step);
  return tf.gather(x, tf.tensor1d(picked, 'int32'), axis);
}

/** output[i] = input[i mod extent], `repeats` times along each axis. */
export const Tile = defineOperator({
  type: 'Tile',
  since: [1, 6, 13],
  // In opset 1: how often, and along which axis.
  inputs: ['input', 'repeats', 'axis?'],
  structural: ['repeats', 'axis'],
  evaluate({ input, repeats, axis }, _, { opset }) {
    const given = integers(repeats);
    const along = opset < 6 && axis ? axisOf(integer(axis), input.rank) : undefined;
    const times = along === undefined ? given : input.shape.map((_, i) => (i === along ? given[0]! : 1));
    if (times.length !== input.rank || times.some((count) => count < 0))
      throw new UnsupportedForm(`[${times}] repeats of [${input.shape}]`);
    return input.tile(times);
  },
  gradient: 'yes',
});
