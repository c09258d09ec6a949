/** Operators that order elements, or find the extreme ones (ONNX: TopK, ArgMax, ArgMin, Hardmax). */

import * as tf from '@tensorflow/tfjs';
import { topAlong } from '../../compile/kernels/topK.js';
import { extentOf } from '../../compile/shapes.js';
import { DataType } from '../../onnx/model.js';
import { int } from '../attributes.js';
import { axisOf, integer } from '../axes.js';
import { defineOperator, type Operator, UnsupportedForm } from '../operator.js';
import { withoutGradient } from '../withoutGradient.js';

/**
 * Values = the k largest elements along the axis, or smallest; Indices = where they are. Ordered even where the file asks
 * for any order, so that every engine gives the same.
 */
export const TopK = defineOperator({
  type: 'TopK',
  since: [1, 10, 11, 24],
  inputs: ['X', 'K?'],
  structural: ['K'],
  attributes: {
    axis: int(-1),
    k: int(undefined, { until: 10 }),
    largest: int(1, { since: 11 }),
    sorted: int(1, { since: 11 }),
  },
  elementTypes: () => [undefined, DataType.INT64],
  outputs: 2,
  evaluate({ X, K }, attributes) {
    const axis = axisOf(attributes.axis, X.rank);
    const k = K ? integer(K) : attributes.k;
    if (k === undefined || k < 0 || k > extentOf(X.shape, axis))
      throw new UnsupportedForm(`${k ?? 'an unknown number'} of ${X.shape[axis]} elements`);
    return topAlong(X, k, axis, attributes.largest !== 0);
  },
  gradient: 'yes',
});

/** reduced = the index of the extreme element along the axis; of equal ones the first, or the last if select_last_index. */
function extreme(type: string, find: (x: tf.Tensor, axis: number) => tf.Tensor): Operator {
  return defineOperator({
    type,
    since: [1, 11, 12, 13],
    inputs: ['data'],
    attributes: { axis: int(0), keepdims: int(1), select_last_index: int(0, { since: 12 }) },
    elementTypes: () => [DataType.INT64],
    evaluate({ data }, { keepdims, select_last_index, ...attributes }) {
      const axis = axisOf(attributes.axis, data.rank);
      const extent = extentOf(data.shape, axis);
      if (extent === 0) throw new UnsupportedForm(`axis ${axis} of [${data.shape}] has no elements`);
      const search = withoutGradient((x) => {
        const first = select_last_index === 0;
        const index = find(first ? x : x.reverse(axis), axis);
        const counted = first ? index : tf.scalar(extent - 1, 'int32').sub(index);
        return keepdims === 0 ? counted : counted.expandDims(axis);
      });
      return search(data);
    },
    gradient: 'no',
  });
}

export const ArgMax = extreme('ArgMax', (x, axis) => tf.argMax(x, axis));
export const ArgMin = extreme('ArgMin', (x, axis) => tf.argMin(x, axis));

/**
 * output = 1 at the first maximum along the axis, else 0. Until opset 13 everything from the axis on was one row; the axis
 * was 1 by default.
 */
export const Hardmax = defineOperator({
  type: 'Hardmax',
  since: [1, 11, 13],
  inputs: ['input'],
  attributes: { axis: int() },
  evaluate({ input }, attributes, { opset }) {
    const axis = axisOf(attributes.axis ?? (opset < 13 ? 1 : -1), input.rank);
    const rows = opset < 13 ? input.reshape([tf.util.sizeFromShape(input.shape.slice(0, axis)), -1]) : input;
    const along = opset < 13 ? 1 : axis;
    const mark = withoutGradient((x) => {
      const places = tf.range(0, extentOf(x.shape, along), 1, 'int32');
      const column = x.shape.map((extent, i) => (i === along ? extent : 1));
      return tf.argMax(x, along).expandDims(along).equal(places.reshape(column)).cast('float32');
    });
    return mark(rows).reshape(input.shape);
  },
  gradient: 'no',
});
