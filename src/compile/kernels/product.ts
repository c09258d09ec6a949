/**
 * Products and their gradient, which is the product of the other factors. Divided out of the whole product it would be 0 / 0
 * where a factor is 0; so zeros are counted, and left out of what is divided.
 */
import * as tf from '@tensorflow/tfjs';
import { defineKernel } from '../kernel.js';
import { reduce } from './reduce.js';

/** 1 where x is 0. */
export function isZero(x: tf.Tensor): tf.Tensor {
  return x.equal(0).cast('float32');
}

/** x with 1 in place of 0. */
export function withoutZeros(x: tf.Tensor): tf.Tensor {
  return x.add(isZero(x));
}

/**
 * For each factor x the product of the others.
 * @param product  of all factors but the zeros, broadcast to x
 * @param zeros    how many factors are 0, broadcast to x
 */
export function otherFactors(x: tf.Tensor, product: tf.Tensor, zeros: tf.Tensor): tf.Tensor {
  const noneElse = zeros.equal(isZero(x)).cast('float32');
  return product.div(withoutZeros(x)).mul(noneElse);
}

export const productKernel = defineKernel({
  name: 'Prod',
  lower: (at) => reduce(at, 'ReduceProd', at.input('x')),
  gradient: {
    needs: ['x'],
    of: (dy, { x }, { axis }) => ({
      x() {
        const axes = tf.util.parseAxisParam(axis, x.shape);
        const kept = x.shape.map((extent, i) => (axes.includes(i) ? 1 : extent));
        const product = withoutZeros(x).prod(axes, true);
        const others = otherFactors(x, product, isZero(x).sum(axes, true));
        return dy.reshape(kept).mul(others);
      },
    }),
  },
});
