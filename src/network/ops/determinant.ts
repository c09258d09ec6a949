/** Determinants (ONNX: Det). */
import * as tf from '@tensorflow/tfjs';
import { defineOperator, UnsupportedForm } from '../operator.js';

/** Laplace's expansion has n 2^(n-1) terms, and they cancel more and more. */
const largest = 8;

/**
 * Y = det X for each matrix of X [..., n, n].
 * By Laplace's expansion, row after row: the minors of the first r + 1 rows are sums of those of the first r, times the
 * elements of the next row. No division, so that singular matrices have their gradient too.
 */
export const Det = defineOperator({
  type: 'Det',
  since: [11, 22],
  inputs: ['X'],
  evaluate({ X }) {
    const n = X.shape.at(-1)!;
    if (X.rank < 2 || X.shape.at(-2) !== n) throw new UnsupportedForm(`[${X.shape}] is not square`);
    if (n > largest)
      throw new UnsupportedForm(`matrices of ${n} rows`, `determinants are expanded up to ${largest} rows`);
    const batch = X.shape.slice(0, -2);
    const count = tf.util.sizeFromShape(batch);
    if (n === 0 || count === 0) return tf.ones(batch);
    const matrices = X.reshape([count, n, n]);
    let minors: tf.Tensor = tf.ones([count, 1]);
    for (let row = 0; row < n; row++)
      minors = expandMinors(minors, matrices.slice([0, row, 0], [count, 1, n]).reshape([count, n]), row);
    return minors.reshape(batch);
  },
  gradient: 'yes',
});

/**
 * The minor of rows 0 to r and columns c_0 < ... < c_r is sum_k (-1)^(r + k) a[r, c_k] times the minor without row r and c_k.
 * @param minors  [B, those of r columns, in the order of `subsets`]
 * @param row     [B, n]: row r
 */
function expandMinors(minors: tf.Tensor, row: tf.Tensor, r: number): tf.Tensor {
  const n = row.shape[1]!;
  const smaller = new Map(subsets(n, r).map((columns, i) => [columns.join(), i]));
  const terms = subsets(n, r + 1).flatMap((columns) =>
    columns.map((column, k) => ({
      column,
      minor: smaller.get(columns.filter((other) => other !== column).join())!,
      sign: (r + k) % 2 === 0 ? 1 : -1,
    })),
  );
  const pick = (from: tf.Tensor, places: number[]) => tf.gather(from, tf.tensor1d(places, 'int32'), 1);
  const elements = pick(
    row,
    terms.map(({ column }) => column),
  );
  const others = pick(
    minors,
    terms.map(({ minor }) => minor),
  );
  const signed = elements.mul(others).mul(tf.tensor1d(terms.map(({ sign }) => sign)));
  return signed.reshape([row.shape[0]!, -1, r + 1]).sum(2);
}

/** All ascending choices of `size` of the numbers below n. */
function subsets(n: number, size: number): number[][] {
  if (size === 0) return [[]];
  return subsets(n, size - 1).flatMap((subset) =>
    [...Array(n).keys()].filter((i) => i > (subset.at(-1) ?? -1)).map((i) => [...subset, i]),
  );
}
