/** Matrix products. Two plain matrices become Gemm, which transposes its operands for free; stacks become MatMul. */
import * as tf from '@tensorflow/tfjs';
import { defineKernel, type KernelDefinition, type Lowering, type Value } from '../kernel.js';
import { reshape, transpose } from '../rewrite.js';
import { extentOf } from '../shapes.js';

/** `x`, or what it is the transpose of, and whether the product must transpose it. */
function untransposed(at: Lowering, x: Value, flag: boolean): [Value, boolean] {
  const operand = x.shape.length === 2 ? at.recorder.operandOf(x, 'Transpose') : undefined;
  return operand ? [operand, !flag] : [x, flag];
}

/** a [m, k] (or [k, m] if `ta`) times b [k, n] (or [n, k] if `tb`); float32. */
export function gemm(at: Lowering, a: Value, b: Value, ta = false, tb = false): Value {
  const [x, transA] = untransposed(at, a, ta);
  const [y, transB] = untransposed(at, b, tb);
  const shape = [extentOf(x.shape, transA ? 1 : 0), extentOf(y.shape, transB ? 0 : 1)];
  if (!transA && !transB) return at.node('MatMul', [x, y], { shape, dtype: x.dtype });
  return at.node('Gemm', [x, y], { shape, dtype: x.dtype }, { transA, transB });
}

const batchMatMul = defineKernel({
  name: 'BatchMatMul',
  lower(at) {
    const [a, b] = [at.input('a'), at.input('b')];
    const { transposeA = false, transposeB = false } = at.attrs;
    const batch = tf.backend_util.assertAndGetBroadcastShape(a.shape.slice(0, -2), b.shape.slice(0, -2));
    const inner = [a.shape.at(transposeA ? -2 : -1), b.shape.at(transposeB ? -1 : -2)];
    if (inner[0] === undefined || inner[0] !== inner[1]) {
      throw new Error(
        `a product of [${a.shape}] and [${b.shape}]: the inner extents are ${inner.join(' and ')}`,
      );
    }
    // onnxruntime has no Gemm of integers.
    if (a.dtype === 'float32' && batch.every((extent) => extent === 1)) {
      const flat = (x: Value) => reshape(at.recorder, x, x.shape.slice(-2));
      const product = gemm(at, flat(a), flat(b), transposeA, transposeB);
      return reshape(at.recorder, product, [...batch, ...product.shape]);
    }
    const [x, y] = [transposeA ? swapLast(at, a) : a, transposeB ? swapLast(at, b) : b];
    const shape = [...batch, extentOf(x.shape, -2), extentOf(y.shape, -1)];
    return at.node('MatMul', [x, y], { shape, dtype: a.dtype });
  },
});

function swapLast(at: Lowering, x: Value): Value {
  const rank = x.shape.length;
  return transpose(at.recorder, x, [...Array(rank - 2).keys(), rank - 1, rank - 2]);
}

export const matmulKernels: KernelDefinition[] = [batchMatMul];
