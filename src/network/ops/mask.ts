/**
 * Operators that compare positions with something, or choose by a condition (ONNX: Where, OneHot, EyeLike, Trilu). All of
 * them take tensors of any type.
 */
import * as tf from '@tensorflow/tfjs';
import { int } from '../attributes.js';
import { axisOf, integer } from '../axes.js';
import { broadcastShape, broadcastTo } from '../broadcast.js';
import { dtypeOf } from '../constants.js';
import { checkList } from '../extents.js';
import { defineOperator, UnsupportedForm } from '../operator.js';
import { withoutGradient } from '../withoutGradient.js';

/** output = X where the condition holds, else Y; all three broadcast. */
export const Where = defineOperator({
  type: 'Where',
  since: [9, 16],
  inputs: ['condition', 'X', 'Y'],
  elementTypes: (of) => [of('X')],
  evaluate({ condition, X, Y }) {
    const shape = broadcastShape(condition, X, Y);
    const [is, x, y] = [condition.cast('bool'), X, Y].map((operand) => broadcastTo(operand, shape));
    return tf.where(is!, x!, y!);
  },
  gradient: 'yes',
});

/**
 * output[i, k] = on where indices[i] is k or k - depth, else off; k stands at `axis`, and values are [off, on]. Indices out
 * of range have no hot element.
 */
export const OneHot = defineOperator({
  type: 'OneHot',
  since: [9, 11],
  inputs: ['indices', 'depth', 'values'],
  structural: ['depth'],
  attributes: { axis: int(-1) },
  elementTypes: (of) => [of('values')],
  evaluate({ indices, depth, values }, attributes) {
    const axis = axisOf(attributes.axis, indices.rank + 1);
    const extent = Math.trunc(integer(depth));
    checkList(extent);
    if (values.size !== 2) throw new UnsupportedForm(`values [${values.shape}] where off and on belong`);
    const row = indices.shape.map(() => 1);
    row.splice(axis, 0, extent);
    const places = tf.range(0, extent, 1, 'int32').reshape(row);
    const hot = withoutGradient((given) => {
      const whole = given!.cast('int32').expandDims(axis);
      return whole.equal(places).logicalOr(whole.add(tf.scalar(extent, 'int32')).equal(places));
    })(indices);
    const [off, on] = [0, 1].map((i) => broadcastTo(values.slice([i], [1]), hot.shape));
    return tf.where(hot, on!, off!);
  },
  gradient: 'yes',
});

/** output[i, j] = 1 where j = i + k, else 0. The input gives its shape, and its type if `dtype` does not. */
export const EyeLike = defineOperator({
  type: 'EyeLike',
  since: [9, 22],
  inputs: ['input'],
  attributes: { dtype: int(), k: int(0) },
  check: ({ dtype }) =>
    dtype === undefined || dtypeOf(dtype)
      ? []
      : [{ what: `attribute "dtype" = ${dtype} is not supported`, hint: 'understood: numbers and bool' }],
  elementTypes: (of, { dtype }) => [dtype ?? of('input')],
  evaluate({ input }, { dtype, k }) {
    if (input.rank !== 2) throw new UnsupportedForm(`an input of rank ${input.rank} instead of 2`);
    const { rows, columns } = diagonals(input.shape);
    const wanted = dtype === undefined ? input.dtype : dtypeOf(dtype)!;
    const on = columns.equal(rows.add(tf.scalar(k, 'int32'))).cast(wanted);
    return withoutGradient(() => on.clone())(input);
  },
  gradient: 'no',
});

/** output[i, j] = input[i, j] where j >= i + k, or j <= i + k if not `upper`, else 0; for each matrix. */
export const Trilu = defineOperator({
  type: 'Trilu',
  since: [14],
  inputs: ['input', 'k?'],
  attributes: { upper: int(1) },
  evaluate({ input, k }, { upper }) {
    if (input.rank < 2) throw new UnsupportedForm(`an input of rank ${input.rank}`);
    const { rows, columns } = diagonals(input.shape.slice(-2));
    const diagonal = k ? rows.add(k.reshape([1, 1])) : rows;
    const kept = upper !== 0 ? columns.greaterEqual(diagonal) : columns.lessEqual(diagonal);
    if (input.size === 0) return input.clone();
    return tf.where(broadcastTo(kept, input.shape), input, tf.zerosLike(input));
  },
  gradient: 'yes',
});

/** Row numbers [n, 1] and column numbers [1, m] of a matrix. */
function diagonals([n, m]: readonly number[]): { rows: tf.Tensor; columns: tf.Tensor } {
  const numbers = (extent: number) => tf.range(0, extent, 1, 'int32');
  return { rows: numbers(n!).reshape([n!, 1]), columns: numbers(m!).reshape([1, m!]) };
}
