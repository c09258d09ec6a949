/**
 * Reductions over axes, which are an attribute or, in newer operator sets, an operand (ONNX: ReduceSum and its kin). Of
 * integers the result is an integer, rounded towards zero; of nothing it is the neutral element.
 */

import * as tf from '@tensorflow/tfjs';
import { extentOf } from '../../compile/shapes.js';
import { int, ints } from '../attributes.js';
import { axesOf, integers } from '../axes.js';
import { integerMagnitude, integerRange } from '../integers.js';
import { defineOperator, type Operator, UnsupportedForm } from '../operator.js';
import { detached } from '../withoutGradient.js';

interface Reducer {
  reduce(x: tf.Tensor, axes: number[], keep: boolean): tf.Tensor;
  /** The same of integers, if that is not `reduce`. */
  reduceIntegers?(x: tf.Tensor, axes: number[], keep: boolean): tf.Tensor;
  /** The result where there is nothing to reduce; infinities are the ends of the range of integers. */
  ofNothing: number;
  /** The first operator set in which truth values are reduced. */
  boolSince?: number;
}

/**
 * reduced = f(the elements along the axes, all by default), which stay with extent 1 if keepdims.
 * @param operandSince the operator set in which the axes became an operand
 */
function reduction(type: string, since: number[], operandSince: number, steps: Reducer): Operator {
  return defineOperator({
    type,
    since,
    inputs: ['data', 'axes?'],
    structural: ['axes'],
    attributes: {
      axes: ints(undefined, { until: operandSince }),
      keepdims: int(1),
      noop_with_empty_axes: int(0, { since: operandSince }),
    },
    evaluate({ data, axes }, { keepdims, noop_with_empty_axes, ...attributes }, at) {
      if (data.dtype === 'bool' && at.opset < (steps.boolSince ?? Number.POSITIVE_INFINITY))
        throw new UnsupportedForm('truth values are no numbers');
      const given = axes ? integers(axes) : (attributes.axes ?? []);
      const all = noop_with_empty_axes !== 0 ? [] : [...data.shape.keys()];
      const along = given.length > 0 ? axesOf(given, data.rank) : all;
      const keep = keepdims !== 0;
      if (data.size === 0) return ofNothing(data, along, keep, neutral(steps, at.elementType('data'), data));
      if (data.dtype === 'float32') return steps.reduce(data, along, keep);
      const numbers = data.cast('int32');
      return (steps.reduceIntegers ?? steps.reduce)(numbers, along, keep).cast(data.dtype);
    },
    gradient: 'yes',
  });
}

function neutral({ ofNothing: value }: Reducer, elementType: number | undefined, data: tf.Tensor): number {
  if (data.dtype === 'float32' || Number.isFinite(value)) return value;
  const [low, high] = data.dtype === 'bool' ? [0, 1] : integerRange(elementType);
  return value < 0 ? low : high;
}

/** What a data without elements is reduced to: [] or nothing but neutral elements. */
function ofNothing(data: tf.Tensor, axes: readonly number[], keep: boolean, value: number): tf.Tensor {
  const shape = keep
    ? data.shape.map((extent, i) => (axes.includes(i) ? 1 : extent))
    : data.shape.filter((_, i) => !axes.includes(i));
  // Through a sum, so that the result depends on the data. As a float the greatest integer would be rounded.
  const dtype = data.dtype === 'bool' ? 'int32' : (data.dtype as 'float32');
  const zeros = data.cast(dtype).sum([...axes], keep);
  return zeros.reshape(shape).add(tf.scalar(value, dtype)).cast(data.dtype);
}

const sum: Reducer['reduce'] = (x, axes, keep) => x.sum(axes, keep);
/** An infinite maximum would be taken from itself; then nothing is taken away, and the result is that maximum. */
const finiteMaximum = (x: tf.Tensor, axes: number[]) =>
  detached(() => {
    const most = x.max(axes, true);
    return tf.where(most.isInf(), tf.zerosLike(most), most);
  });

/** max + log(sum(exp(x - max))) */
const logSumExp: Reducer['reduce'] = (data, axes, keep) => {
  const x = data.cast('float32');
  const most = finiteMaximum(x, axes);
  const logs = x.sub(most).exp().sum(axes, keep).log();
  return logs.add(most.reshape(logs.shape));
};

/** a / n, rounded towards zero. */
function quotient(a: tf.Tensor, n: number): tf.Tensor {
  return integerMagnitude(a).floorDiv(tf.scalar(n, 'int32')).mul(a.sign());
}

/** The whole part of the root. float32 may round it up, so the square is looked at again. */
function integerRoot(square: tf.Tensor): tf.Tensor {
  const root = square.cast('float32').sqrt().round().cast('int32').minimum(tf.scalar(46340, 'int32'));
  return root.sub(root.mul(root).greater(square).cast('int32'));
}

const operandSince18 = [1, 11, 13, 18];
const extremeSince = [1, 11, 12, 13, 18, 20];

export const ReduceSum = reduction('ReduceSum', [1, 11, 13], 13, { reduce: sum, ofNothing: 0 });
export const ReduceMean = reduction('ReduceMean', operandSince18, 18, {
  reduce: (x, axes, keep) => x.mean(axes, keep),
  reduceIntegers(x, axes, keep) {
    const count = tf.util.sizeFromShape(axes.map((axis) => extentOf(x.shape, axis)));
    return quotient(x.sum(axes, keep), count);
  },
  // onnxruntime's answer; numpy says NaN.
  ofNothing: 0,
});
export const ReduceProd = reduction('ReduceProd', operandSince18, 18, {
  reduce: (x, axes, keep) => x.prod(axes, keep),
  ofNothing: 1,
});
export const ReduceMax = reduction('ReduceMax', extremeSince, 18, {
  reduce: (x, axes, keep) => x.max(axes, keep),
  ofNothing: Number.NEGATIVE_INFINITY,
  boolSince: 20,
});
export const ReduceMin = reduction('ReduceMin', extremeSince, 18, {
  reduce: (x, axes, keep) => x.min(axes, keep),
  ofNothing: Number.POSITIVE_INFINITY,
  boolSince: 20,
});
/** reduced = sum of |x| */
export const ReduceL1 = reduction('ReduceL1', operandSince18, 18, {
  reduce: (x, axes, keep) => x.abs().sum(axes, keep),
  reduceIntegers: (x, axes, keep) => integerMagnitude(x).sum(axes, keep),
  ofNothing: 0,
});
/** reduced = sqrt(sum of x^2) */
export const ReduceL2 = reduction('ReduceL2', operandSince18, 18, {
  reduce: (x, axes, keep) => x.square().sum(axes, keep).sqrt(),
  reduceIntegers: (x, axes, keep) => integerRoot(x.mul(x).sum(axes, keep)),
  ofNothing: 0,
});
/** reduced = sum of x^2 */
export const ReduceSumSquare = reduction('ReduceSumSquare', operandSince18, 18, {
  reduce: (x, axes, keep) => x.square().sum(axes, keep),
  reduceIntegers: (x, axes, keep) => x.mul(x).sum(axes, keep),
  ofNothing: 0,
});
/** reduced = log(sum of x) */
export const ReduceLogSum = reduction('ReduceLogSum', operandSince18, 18, {
  reduce: (x, axes, keep) => x.sum(axes, keep).log(),
  reduceIntegers: (x, axes, keep) => x.sum(axes, keep).cast('float32').log(),
  ofNothing: Number.NEGATIVE_INFINITY,
});
/** reduced = log(sum of exp(x)), of the differences to the maximum, so that nothing overflows. */
export const ReduceLogSumExp = reduction('ReduceLogSumExp', operandSince18, 18, {
  reduce: logSumExp,
  ofNothing: Number.NEGATIVE_INFINITY,
});
