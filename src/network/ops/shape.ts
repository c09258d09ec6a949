/**
 * Operators that give a tensor another shape, and those that read or pass on what is there (ONNX: Identity, Dropout,
 * Flatten, Reshape, Expand, Transpose, Squeeze, Unsqueeze, Shape, Size).
 */
import * as tf from '@tensorflow/tfjs';
import { DataType } from '../../onnx/model.js';
import { float, int, ints } from '../attributes.js';
import { axesOf, axisOf, integers } from '../axes.js';
import { broadcastTo } from '../broadcast.js';
import { defineOperator, type Evaluation, UnsupportedForm } from '../operator.js';

const shapeOpsets = [13, 21, 23, 24, 25];

/** output = input */
export const Identity = defineOperator({
  type: 'Identity',
  since: [1, ...shapeOpsets, 14, 16, 19].sort((a, b) => a - b),
  inputs: ['input'],
  evaluate: ({ input }) => input.clone(),
  gradient: 'yes',
});

/** output = data. Drops nothing: the networks are trained against the noise of devices instead. The mask is all true. */
export const Dropout = defineOperator({
  type: 'Dropout',
  since: [6, 7, 10, 12, 13, 22],
  inputs: ['data', 'ratio?', 'training_mode?'],
  attributes: {
    ratio: float(0.5, { until: 12 }),
    seed: int(undefined, { since: 12 }),
    is_test: int(0, { until: 7 }),
  },
  outputs: 2,
  evaluate: ({ data }, _, { opset }) => [
    data.clone(),
    tf.onesLike(data).cast(opset < 10 ? 'float32' : 'bool'),
  ],
  gradient: 'yes',
});

/** output = input as a matrix: the axes before `axis` are its rows. */
export const Flatten = defineOperator({
  type: 'Flatten',
  since: [1, 9, 11, ...shapeOpsets],
  inputs: ['input'],
  attributes: { axis: int(1) },
  evaluate({ input }, { axis }) {
    const split = axis === input.rank ? axis : axisOf(axis, input.rank);
    return input.reshape([input.shape.slice(0, split), input.shape.slice(split)].map(tf.util.sizeFromShape));
  },
  gradient: 'yes',
});

/** reshaped = data in another shape; 0 is the extent of data (or 0, if allowzero), -1 what is left. */
export const Reshape = defineOperator({
  type: 'Reshape',
  since: [5, 13, 14, 19, 21, 23, 24, 25],
  inputs: ['data', 'shape'],
  structural: ['shape'],
  attributes: { allowzero: int(0, { since: 14, only: [0, 1] }) },
  evaluate({ data, shape }, { allowzero }, at) {
    const asked = integers(shape);
    const copied = asked.map((extent, i) => (extent === 0 && allowzero === 0 ? data.shape[i]! : extent));
    const copiesBatch = asked[0] === 0 && at.rebatch?.axis0 === true;
    const actual = copiesBatch ? copied : forActualBatch(copied, at);
    const known = actual.filter((extent) => extent !== -1).reduce((product, extent) => product * extent, 1);
    const inferred = actual.map((extent) => (extent === -1 ? data.size / known : extent));
    if (tf.util.sizeFromShape(inferred) !== data.size || inferred.some((extent) => !Number.isInteger(extent)))
      throw new UnsupportedForm(`[${data.shape}] cannot become [${actual}]`);
    return data.reshape(inferred);
  },
  gradient: 'yes',
});

/** output = input, broadcast together with `shape`. */
export const Expand = defineOperator({
  type: 'Expand',
  since: [8, 13],
  inputs: ['input', 'shape'],
  structural: ['shape'],
  evaluate({ input, shape }, _, at) {
    const asked = integers(shape);
    const actual = asked.length === input.rank ? forActualBatch(asked, at) : asked;
    const out = tf.broadcast_util.assertAndGetBroadcastShape(input.shape, actual);
    return broadcastTo(input, out).clone();
  },
  gradient: 'yes',
});

/**
 * A constant shape in a file with a fixed batch begins with that batch; another batch takes its place.
 * Only where axis 0 of the data is known to be the batch: anything else would mix examples.
 */
function forActualBatch(shape: number[], { rebatch, note }: Evaluation): number[] {
  if (!rebatch || rebatch.fixed === rebatch.actual || (rebatch.axis0 && shape[0] === -1)) return shape;
  if (rebatch.axis0 && shape[0] === rebatch.fixed) {
    note(`the constant shape [${shape}] is read as [batch, ${shape.slice(1).join(', ')}]`);
    return [rebatch.actual, ...shape.slice(1)];
  }
  throw new UnsupportedForm(
    `the constant shape [${shape}] fits only the file's batch of ${rebatch.fixed}`,
    'export the model with a dynamic batch dimension',
  );
}

/** transposed = data with its axes in the order `perm`, by default reversed. */
export const Transpose = defineOperator({
  type: 'Transpose',
  since: [1, ...shapeOpsets],
  inputs: ['data'],
  attributes: { perm: ints() },
  evaluate: ({ data }, { perm }) => data.transpose(perm),
  gradient: 'yes',
});

/** squeezed = data without the axes, or without all of extent 1. */
export const Squeeze = defineOperator({
  type: 'Squeeze',
  since: [1, 11, ...shapeOpsets],
  inputs: ['data', 'axes?'],
  structural: ['axes'],
  attributes: { axes: ints(undefined, { until: 13 }) },
  evaluate({ data, axes }, attributes) {
    const given = axes ? integers(axes) : attributes.axes;
    const dropped = given && axesOf(given, data.rank);
    const long = dropped?.find((axis) => data.shape[axis] !== 1);
    if (long !== undefined) throw new UnsupportedForm(`axis ${long} of [${data.shape}] cannot be squeezed`);
    return data.reshape(
      data.shape.filter((extent, axis) => (dropped ? !dropped.includes(axis) : extent !== 1)),
    );
  },
  gradient: 'yes',
});

/** expanded = data with axes of extent 1 at those places of the result. */
export const Unsqueeze = defineOperator({
  type: 'Unsqueeze',
  since: [1, 11, ...shapeOpsets],
  inputs: ['data', 'axes?'],
  structural: ['axes'],
  attributes: { axes: ints(undefined, { until: 13 }) },
  evaluate({ data, axes }, attributes) {
    const given = axes ? integers(axes) : (attributes.axes ?? []);
    const inserted = axesOf(given, data.rank + given.length).sort((a, b) => a - b);
    const shape = [...data.shape];
    for (const axis of inserted) shape.splice(axis, 0, 1);
    return data.reshape(shape);
  },
  gradient: 'yes',
});

/** shape = the extents of data from `start` to before `end`. */
export const Shape = defineOperator({
  type: 'Shape',
  since: [1, 13, 15, 19, 21, 23, 24, 25],
  inputs: ['data'],
  attributes: { start: int(0, { since: 15 }), end: int(undefined, { since: 15 }) },
  elementTypes: () => [DataType.INT64],
  evaluate: ({ data }, { start, end }) => tf.tensor1d(data.shape.slice(start, end), 'int32'),
  gradient: 'no',
});

/** size = the number of elements of data. */
export const Size = defineOperator({
  type: 'Size',
  since: [1, 13, 19, 21, 23, 24, 25],
  inputs: ['data'],
  elementTypes: () => [DataType.INT64],
  evaluate: ({ data }) => tf.scalar(data.size, 'int32'),
  gradient: 'no',
});
