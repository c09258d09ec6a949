/** Sums and products of all elements up to each one (ONNX: CumSum, CumProd). */
import * as tf from '@tensorflow/tfjs';
import { int } from '../attributes.js';
import { axisOf, integer } from '../axes.js';
import { defineOperator, type Operator } from '../operator.js';

type Scan = (x: tf.Tensor, axis: number, exclusive: boolean, reverse: boolean) => tf.Tensor;

/** y[i] = x[0] op x[1] op ... op x[i] along the axis; exclusive: up to x[i - 1]; reverse: from the other end. */
function cumulative(type: string, since: number[], scan: Scan): Operator {
  return defineOperator({
    type,
    since,
    inputs: ['x', 'axis'],
    structural: ['axis'],
    attributes: { exclusive: int(0), reverse: int(0) },
    evaluate: ({ x, axis }, { exclusive, reverse }) =>
      scan(x, axisOf(integer(axis), x.rank), exclusive !== 0, reverse !== 0),
    gradient: 'yes',
  });
}

export const CumSum = cumulative('CumSum', [11, 14], (x, axis, exclusive, reverse) =>
  x.size === 0 ? x.clone() : tf.cumsum(x, axis, exclusive, reverse),
);

/**
 * By doubling (Hillis and Steele, "Data parallel algorithms", Communications of the ACM 29, 1986): after step k each element is
 * the product of the 2^k up to it. Made of products only, it has its gradient where elements are 0, too.
 */
export const CumProd = cumulative('CumProd', [26], (x, axis, exclusive, reverse) => {
  const extent = x.shape[axis]!;
  let y = exclusive ? shifted(x, axis, 1, reverse) : x.clone();
  for (let step = 1; step < extent; step *= 2) y = y.mul(shifted(y, axis, step, reverse));
  return y;
});

/** The elements moved along the axis, ones in their place; towards the start if `reverse`. */
function shifted(x: tf.Tensor, axis: number, by: number, reverse: boolean): tf.Tensor {
  const withExtent = (n: number) => x.shape.map((extent, i) => (i === axis ? n : extent));
  const begin = x.shape.map((_, i) => (i === axis && reverse ? by : 0));
  const kept = x.slice(begin, withExtent(x.shape[axis]! - by));
  const ones = tf.ones(withExtent(by), x.dtype as 'float32');
  return tf.concat(reverse ? [kept, ones] : [ones, kept], axis);
}
