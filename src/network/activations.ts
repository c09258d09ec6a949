/** Activation functions that operators share. */
import type * as tf from '@tensorflow/tfjs';

/** x above zero, alpha * (exp(x / width) - 1) below. */
export function elu(x: tf.Tensor, alpha: number, width: number): tf.Tensor {
  const below = x
    .neg()
    .relu()
    .mul(-1 / width);
  return x.relu().add(below.exp().sub(1).mul(alpha));
}

export function hardSigmoid(x: tf.Tensor, alpha: number, beta: number): tf.Tensor {
  return x.mul(alpha).add(beta).clipByValue(0, 1);
}
