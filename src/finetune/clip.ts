/**
 * Weight clipping (Joshi et al. 2020, alpha x std(W_l)): without outliers the range of a tensor, and with it the noise of
 * devices whose noise goes with the range, shrinks relative to the weights.
 */
import * as tf from '@tensorflow/tfjs';

/**
 * `weights` limited to +-`multiple` times their standard deviation about zero, sqrt(mean(w^2)). For trained weights this is
 * the standard deviation; for a filter of equal values (blurring, averaging) it does not vanish, as the deviation from their
 * mean would, so that such a filter survives.
 */
export function clipped(weights: tf.Tensor, multiple: number): tf.Tensor {
  const bound = weights
    .mul(weights)
    .sum()
    .mul(1 / weights.size)
    .sqrt()
    .mul(multiple);
  return tf.minimum(tf.maximum(weights, bound.neg()), bound);
}
