/** Matrix products (ONNX: Gemm, MatMul). */
import * as tf from '@tensorflow/tfjs';
import { float, int } from '../attributes.js';
import { broadcastShape, broadcastTo } from '../broadcast.js';
import { defineOperator, UnsupportedForm } from '../operator.js';

/** Y = alpha A B + beta C, with A [m, k] and B [k, n], or their transposes, and C broadcast to [m, n]. */
export const Gemm = defineOperator({
  type: 'Gemm',
  since: [6, 7, 9, 11, 13],
  inputs: ['A', 'B', 'C?'],
  roles: { A: 'weight', B: 'weight', C: 'bias' },
  attributes: {
    alpha: float(1),
    beta: float(1),
    transA: int(0),
    transB: int(0),
    // Whether C may broadcast; from operator set 7 on it always may.
    broadcast: int(0, { until: 7, only: [0, 1] }),
  },
  evaluate({ A, B, C }, { alpha, beta, transA, transB }) {
    if (A.rank !== 2 || B.rank !== 2)
      throw new UnsupportedForm(`operands [${A.shape}] and [${B.shape}] are not matrices`);
    if (A.shape[transA ? 0 : 1] !== B.shape[transB ? 1 : 0]) throw misfit(A, B);
    const product = tf.matMul(A, B, transA !== 0, transB !== 0);
    const scaled = alpha === 1 ? product : product.mul(alpha);
    if (!C) return scaled.cast(A.dtype);
    if (broadcastShape(scaled, C).join() !== scaled.shape.join()) throw misfit(scaled, C);
    return scaled.add(beta === 1 ? C : C.mul(beta)).cast(A.dtype);
  },
  gradient: 'yes',
});

/** Y[..., i, j] = sum over k of A[..., i, k] B[..., k, j], for vectors and stacks as NumPy defines it. */
export const MatMul = defineOperator({
  type: 'MatMul',
  since: [1, 9, 13],
  inputs: ['A', 'B'],
  roles: { A: 'weight', B: 'weight' },
  evaluate: ({ A, B }) => multiply(A, B),
  gradient: 'yes',
});

/** The product as NumPy defines it: vectors become matrices for its duration, stacks broadcast. */
function multiply(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  if (a.rank === 1) {
    const product = multiply(a.expandDims(0), b);
    return product.reshape(b.rank === 1 ? [] : [...b.shape.slice(0, -2), b.shape.at(-1)!]);
  }
  if (b.rank === 1) return multiply(a, b.expandDims(1)).reshape(a.shape.slice(0, -1));
  if (a.rank === 0 || b.rank === 0 || a.shape.at(-1) !== b.shape.at(-2)) throw misfit(a, b);
  if (b.rank === 2) {
    // Not -1: of nothing it could not be told.
    const rows = tf.matMul(a.reshape([tf.util.sizeFromShape(a.shape.slice(0, -1)), b.shape[0]!]), b);
    return rows.reshape([...a.shape.slice(0, -1), b.shape[1]!]);
  }
  // tfjs multiplies stacks that broadcast, but its gradient does not sum over what was broadcast.
  const stack = tf.broadcast_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
  const stacked = (x: tf.Tensor) => broadcastTo(x, [...stack, ...x.shape.slice(-2)]);
  return tf.matMul(stacked(a), stacked(b));
}

function misfit(a: tf.Tensor, b: tf.Tensor): UnsupportedForm {
  return new UnsupportedForm(`operands [${a.shape}] and [${b.shape}] do not fit`);
}
