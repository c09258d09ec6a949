/** Operators that compare positions with something, or choose by a condition. All of them take tensors of any type. */
import * as tf from '@tensorflow/tfjs';
import { DataType } from '../../onnx/model.js';
import { int } from '../attributes.js';
import { axisOf, integer } from '../axes.js';
import { broadcastShape, broadcastTo } from '../broadcast.js';
import { dtypeOf } from '../constants.js';
import { checkList } from '../extents.js';
import { defineOperator, UnsupportedForm } from '../operator.js';
import { withoutGradient } from '../withoutGradient.js';

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
  examples: [
    { inputs: [{ bools: [1, 0, 1] }, [2, 3], [2, 3]] },
    { inputs: [{ bools: [1, 0, 1] }, [2, 3], [3]], opset: 9 },
    { inputs: [{ bools: [1, 0, 1] }, { ints: [1, 2, 3] }, { ints: 4 }] },
  ],
});

/** Indices out of range have no hot element. */
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
  examples: [
    { inputs: [{ ints: [1, -1, 0, 7, -5], shape: [5] }, { ints: 4 }, [2]] },
    { inputs: [{ ints: [1, 2, 0, 1, 1, -3], shape: [2, 3] }, { ints: [3] }, [2]], attributes: { axis: 1 } },
    { inputs: [{ ints: [2, 0] }, { ints: 3 }, { ints: [2, 5] }], attributes: { axis: 0 }, opset: 9 },
  ],
});

/** Ones on the k-th diagonal. The input gives its shape, and its type if `dtype` does not. */
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
  examples: [
    { inputs: [[3, 4]] },
    { inputs: [[4, 3]], attributes: { k: -1, dtype: DataType.INT64 }, opset: 9 },
    { inputs: [{ ints: [1, 2, 3, 4], shape: [2, 2] }], attributes: { k: 1 } },
  ],
});

/** The elements on and above, or on and below, the k-th diagonal of each matrix; zeros in place of the others. */
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
  examples: [
    { inputs: [[3, 4]] },
    { inputs: [[2, 4, 3], { ints: 1 }], attributes: { upper: 0 } },
    { inputs: [[4, 4], { ints: [-2] }] },
    { inputs: [{ ints: [1, 2, 3, 4], shape: [2, 2] }], attributes: { upper: 0 }, opset: 14 },
    { inputs: [[2, 3], { ints: 9 }], attributes: { upper: 1 } },
  ],
});

/** Row numbers [n, 1] and column numbers [1, m] of a matrix. */
function diagonals([n, m]: readonly number[]): { rows: tf.Tensor; columns: tf.Tensor } {
  const numbers = (extent: number) => tf.range(0, extent, 1, 'int32');
  return { rows: numbers(n!).reshape([n!, 1]), columns: numbers(m!).reshape([1, m!]) };
}
