/**
 * Operators that pick elements by indices, which may be data (ONNX: Gather, GatherElements, GatherND, Compress). Negative
 * indices count from the end.
 */

import * as tf from '@tensorflow/tfjs';
import { gatherElements, gatherTuples } from '../../compile/kernels/addressed.js';
import { extentOf } from '../../compile/shapes.js';
import { int } from '../attributes.js';
import { axisOf, integers } from '../axes.js';
import { checkElements } from '../broadcast.js';
import { defineOperator, UnsupportedForm } from '../operator.js';
import { withoutGradient } from '../withoutGradient.js';

/** output[p, i, s] = data[p, indices[i], s]: p, i and s stand for any number of axes, p for those before `axis`. */
export const Gather = defineOperator({
  type: 'Gather',
  since: [1, 11, 13],
  inputs: ['data', 'indices'],
  attributes: { axis: int(0) },
  evaluate({ data, indices }, attributes) {
    const axis = axisOf(attributes.axis, data.rank);
    const shape = [...data.shape.slice(0, axis), ...indices.shape, ...data.shape.slice(axis + 1)];
    const extent = tf.scalar(extentOf(data.shape, axis), 'int32');
    const positive = withoutGradient((given) => tf.where(given.less(0), given.add(extent), given));
    const places = positive(indices.reshape([indices.size])) as tf.Tensor1D;
    return tf.gather(data, places, axis).reshape(shape);
  },
  gradient: 'yes',
});

/** output[i] = data[i with indices[i] in place of its element `axis`], i being all axes of indices. */
export const GatherElements = defineOperator({
  type: 'GatherElements',
  since: [11, 13],
  inputs: ['data', 'indices'],
  attributes: { axis: int(0) },
  evaluate({ data, indices }, attributes) {
    const axis = axisOf(attributes.axis, data.rank);
    checkElements(data, indices, axis);
    return gatherElements(data, indices, axis);
  },
  gradient: 'yes',
});

/** output[b, i, s] = data[b, indices[b, i, :], s]: the last axis of the indices holds tuples, b stands for batch_dims axes. */
export const GatherND = defineOperator({
  type: 'GatherND',
  since: [11, 12, 13],
  inputs: ['data', 'indices'],
  attributes: { batch_dims: int(0, { since: 12 }) },
  evaluate({ data, indices }, { batch_dims }) {
    checkTuples(data, indices, batch_dims);
    return gatherTuples(data, batch_dims === 0 ? indices : withBatch(indices, batch_dims));
  },
  gradient: 'yes',
});

function checkTuples(data: tf.Tensor, indices: tf.Tensor, batch: number): void {
  const depth = indices.shape.at(-1) ?? 0;
  const fits =
    depth >= 1 &&
    batch >= 0 &&
    batch < Math.min(data.rank, indices.rank) &&
    batch + depth <= data.rank &&
    indices.shape.slice(0, batch).every((extent, i) => extent === data.shape[i]);
  if (!fits)
    throw new UnsupportedForm(`indices [${indices.shape}] into [${data.shape}] with batch_dims ${batch}`);
}

/** Each tuple of indices led by where it stands in the batch. */
function withBatch(indices: tf.Tensor, batch: number): tf.Tensor {
  const shape = [...indices.shape.slice(0, -1), 1];
  const here = indices.shape.slice(0, batch).map((extent, axis) =>
    tf
      .range(0, extent, 1, 'int32')
      .reshape(shape.map((_, i) => (i === axis ? extent : 1)))
      .broadcastTo(shape),
  );
  return tf.concat([...here, indices], -1);
}

/**
 * output = the slices along the axis, or without one the elements, where the condition holds. It must be known: it decides
 * about the shape.
 */
export const Compress = defineOperator({
  type: 'Compress',
  since: [9, 11],
  inputs: ['input', 'condition'],
  structural: ['condition'],
  attributes: { axis: int() },
  evaluate({ input, condition }, attributes) {
    const whole = attributes.axis === undefined ? input.reshape([input.size]) : input;
    const axis = axisOf(attributes.axis ?? 0, whole.rank);
    const chosen = integers(condition).flatMap((is, i) => (is && i < extentOf(whole.shape, axis) ? [i] : []));
    return tf.gather(whole, tf.tensor1d(chosen, 'int32'), axis);
  },
  gradient: 'yes',
});
