/** Operators that join tensors or pick parts of them. */
import * as tf from '@tensorflow/tfjs';
import { float, int, ints, string } from '../attributes.js';
import { axesOf, axisOf, integers } from '../axes.js';
import { broadcastShape } from '../broadcast.js';
import { positions } from '../extents.js';
import { defineOperator, UnsupportedForm } from '../operator.js';

export const Concat = defineOperator({
  type: 'Concat',
  since: [4, 11, 13],
  inputs: ['inputs*'],
  attributes: { axis: int(0, { required: true }) },
  evaluate({ inputs }, attributes) {
    const axis = axisOf(attributes.axis, inputs[0]!.rank);
    const others = (x: tf.Tensor) => x.shape.map((extent, i) => (i === axis ? 'any' : extent)).join();
    const shapes = inputs.map(({ shape }) => `[${shape}]`).join(', ');
    if (inputs.some((x) => others(x) !== others(inputs[0]!)))
      throw new UnsupportedForm(`inputs ${shapes} do not fit along axis ${axis}`);
    return tf.concat(inputs, axis);
  },
  gradient: 'yes',
  examples: [
    {
      inputs: [
        [2, 3],
        [2, 1],
        [2, 4],
      ],
      attributes: { axis: 1 },
    },
    {
      inputs: [
        [2, 3],
        [1, 3],
      ],
      attributes: { axis: 0 },
      opset: 7,
    },
    {
      inputs: [
        [2, 3],
        [2, 2],
      ],
      attributes: { axis: -1 },
    },
  ],
});

export const Split = defineOperator({
  type: 'Split',
  since: [2, 11, 13, 18],
  inputs: ['input', 'split?'],
  structural: ['split'],
  attributes: {
    axis: int(0),
    split: ints(undefined, { until: 13 }),
    num_outputs: int(undefined, { since: 18 }),
  },
  outputs: Number.POSITIVE_INFINITY,
  evaluate({ input, split }, attributes, { outputCount }) {
    const axis = axisOf(attributes.axis, input.rank);
    const given = split ? integers(split) : attributes.split;
    const parts = attributes.num_outputs ?? outputCount;
    const extent = input.shape[axis]!;
    const even = Math.ceil(extent / parts);
    const sizes = positions(parts).map((i) => Math.min(even, extent - i * even));
    const wanted = given ?? sizes;
    if (wanted.reduce((sum, size) => sum + size, 0) !== extent || wanted.length !== outputCount)
      throw new UnsupportedForm(`${extent} elements split into [${wanted}] for ${outputCount} outputs`);
    // tfjs has no gradient for a split into one part.
    return wanted.length === 1 ? input.clone() : tf.split(input, wanted, axis);
  },
  gradient: 'yes',
  examples: [
    { inputs: [[2, 5], { ints: [2, 3] }], attributes: { axis: 1 }, outputs: 2 },
    { inputs: [[5, 2]], attributes: { num_outputs: 2 }, outputs: 2 },
    { inputs: [[4, 2]], attributes: { split: [1, 3] }, opset: 7, outputs: 2 },
    { inputs: [[4, 2], { ints: [4] }], outputs: 1 },
  ],
});

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
    return axesOf(along, data.rank).reduce(
      (x, axis, i) => sliceAxis(x, axis, from[i]!, to[i]!, by[i]!),
      data as tf.Tensor,
    );
  },
  gradient: 'yes',
  examples: [
    { inputs: [[4, 5], { ints: [1, 0] }, { ints: [3, 2147483647] }, { ints: [0, -1] }] },
    { inputs: [[4, 7], { ints: [-1, 1] }, { ints: [-100, 100] }, { ints: [0, 1] }, { ints: [-1, 2] }] },
    { inputs: [[4, 7], { ints: [-2] }, { ints: [0] }, { ints: [1] }, { ints: [-3] }] },
    { inputs: [[4, 5]], attributes: { starts: [1, -3], ends: [3, -1] }, opset: 7 },
  ],
});

/** Bounds as in Python: negative from the end, clamped; a negative step walks backwards from `start`. */
function sliceAxis(x: tf.Tensor, axis: number, start: number, end: number, step: number): tf.Tensor {
  const extent = x.shape[axis]!;
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

export const Gather = defineOperator({
  type: 'Gather',
  since: [1, 11, 13],
  inputs: ['data', 'indices'],
  attributes: { axis: int(0) },
  evaluate({ data, indices }, attributes) {
    const axis = axisOf(attributes.axis, data.rank);
    const extent = tf.scalar(data.shape[axis]!, 'int32');
    const positive = tf.where(indices.less(0), indices.add(extent), indices);
    const picked = tf.gather(data, positive.reshape([-1]) as tf.Tensor1D, axis);
    return picked.reshape([...data.shape.slice(0, axis), ...indices.shape, ...data.shape.slice(axis + 1)]);
  },
  gradient: 'yes',
  examples: [
    { inputs: [[4, 3], { ints: [0, -1, 2, 2] }] },
    { inputs: [[4, 3, 2], { ints: [1, 0, 2, 0], shape: [2, 2] }], attributes: { axis: 1 } },
    { inputs: [[4, 3], { ints: 2 }], opset: 7 },
  ],
});

export const Tile = defineOperator({
  type: 'Tile',
  since: [6, 13],
  inputs: ['input', 'repeats'],
  structural: ['repeats'],
  evaluate: ({ input, repeats }) => input.tile(integers(repeats)),
  gradient: 'yes',
  examples: [{ inputs: [[2, 3], { ints: [2, 2] }] }, { inputs: [[2, 3], { ints: [1, 3] }], opset: 7 }],
});

export const Where = defineOperator({
  type: 'Where',
  since: [9, 16],
  inputs: ['condition', 'X', 'Y'],
  evaluate({ condition, X, Y }) {
    broadcastShape(condition, X, Y);
    return tf.where(condition.cast('bool'), X, Y);
  },
  gradient: 'yes',
  examples: [
    { inputs: [{ bools: [1, 0, 1] }, [2, 3], [2, 3]] },
    { inputs: [{ bools: [1, 0, 1] }, [2, 3], [3]], opset: 9 },
  ],
});

export const Pad = defineOperator({
  type: 'Pad',
  since: [2, 11, 13, 18, 19, 21, 23, 24, 25],
  inputs: ['data', 'pads?', 'constant_value?', 'axes?'],
  structural: ['pads', 'axes'],
  attributes: {
    mode: string('constant', { only: ['constant', 'reflect', 'edge', 'wrap'] }),
    pads: ints([], { until: 11 }),
    value: float(0, { until: 11 }),
  },
  evaluate({ data, pads, constant_value, axes }, attributes) {
    const amounts = pads ? integers(pads) : attributes.pads;
    const along = axes ? axesOf(integers(axes), data.rank) : [...data.shape.keys()];
    const value = constant_value ? constant_value.dataSync()[0]! : attributes.value;
    if (amounts.length !== 2 * along.length)
      throw new UnsupportedForm(`${amounts.length} pads for ${along.length} axes`);
    return along.reduce((x, axis, i) => {
      const [before, after] = [amounts[i]!, amounts[along.length + i]!];
      return padAxis(x, axis, before, after, attributes.mode, value);
    }, data as tf.Tensor);
  },
  gradient: 'yes',
  examples: [
    { inputs: [[2, 3, 4], { ints: [0, 1, 2, 0, 0, 1] }] },
    { inputs: [[3, 4], { ints: [0, -1, 1, 2] }, { shape: [], between: [0.5, 0.6], gradient: false }] },
    { inputs: [[3, 4], { ints: [2, 1, 0, 3] }], attributes: { mode: 'reflect' } },
    { inputs: [[3, 4], { ints: [1, 2] }, null, { ints: [1] }], attributes: { mode: 'edge' } },
    { inputs: [[3, 4]], attributes: { pads: [1, 0, 0, 2], value: { float: 0.5 } }, opset: 7 },
  ],
});

function padAxis(
  x: tf.Tensor,
  axis: number,
  before: number,
  after: number,
  mode: string,
  value: number,
): tf.Tensor {
  if (before === 0 && after === 0) return x;
  const extent = x.shape[axis]!;
  // Other engines disagree with one another about these.
  const limit = { wrap: extent, reflect: extent - 1 }[mode] ?? Number.POSITIVE_INFINITY;
  if (Math.max(before, after) > limit || (mode === 'wrap' && Math.min(before, after) < 0))
    throw new UnsupportedForm(
      `mode "${mode}" with pads ${before} and ${after} for ${extent} elements`,
      mode === 'wrap' ? `understood: 0 to ${limit}` : `understood: up to ${limit}`,
    );
  if (mode === 'constant') {
    const kept = sliceAxis(x, axis, Math.max(0, -before), extent - Math.max(0, -after), 1);
    const amounts = x.shape.map((_, i): [number, number] =>
      i === axis ? [Math.max(0, before), Math.max(0, after)] : [0, 0],
    );
    return tf.pad(kept, amounts, value);
  }
  const picked = positions(before + extent + after).map((i) => source(i - before, extent, mode));
  return tf.gather(x, tf.tensor1d(picked, 'int32'), axis);
}

/** Which element stands at a position outside of the tensor. */
function source(position: number, extent: number, mode: string): number {
  if (mode === 'edge') return Math.min(extent - 1, Math.max(0, position));
  if (mode === 'wrap') return ((position % extent) + extent) % extent;
  if (extent === 1) return 0;
  const period = 2 * (extent - 1);
  const folded = ((position % period) + period) % period;
  return Math.min(folded, period - folded);
}
