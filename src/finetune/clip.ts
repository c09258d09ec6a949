/**
 * Weight clipping (Joshi et al. 2020, alpha x std(W_l)), here to a multiple of the root mean square: without outliers the range
 * of a tensor, and with it the noise of devices whose noise goes with the range, shrinks relative to the weights.
 * Every step clips, also one of learning rate 0; the bounds are measured anew in every 16th, for measuring costs more passes
 * over the weights than clipping.
 */
import * as tf from '@tensorflow/tfjs';
import { choose, type Tensors } from '../compile/index.js';

const stepsBetweenMeasures = 16;

/** Whether this step measures the bounds; step 0 does. */
export function measuresBounds(step: number): boolean {
  return step % stepsBetweenMeasures === 0;
}

/** Bounds of the tensors for this step, by name: measured if `measure` (a boolean scalar) is true, else the `former` ones. */
export function boundsOf(weights: Tensors, former: Tensors, multiple: number, measure: tf.Tensor): Tensors {
  const names = Object.keys(weights);
  const bounds = choose(
    measure,
    () => names.map((name) => bound(weights[name]!, multiple)),
    () => names.map((name) => former[name]!),
  );
  return Object.fromEntries(names.map((name, index) => [name, bounds[index]!]));
}

/**
 * `multiple` times the root mean square, sqrt(mean(w^2)): the standard deviation where the mean is zero. For a filter of equal
 * values (blurring, averaging) it does not vanish, as the deviation from their mean would, so that such a filter survives.
 */
function bound(weights: tf.Tensor, multiple: number): tf.Tensor {
  return weights
    .mul(weights)
    .sum()
    .mul(1 / weights.size)
    .sqrt()
    .mul(multiple);
}

/** `weights` limited to -bound ... bound. */
export function clipped(weights: tf.Tensor, limit: tf.Tensor): tf.Tensor {
  return tf.minimum(tf.maximum(weights, limit.neg()), limit);
}

/** Which part of all values, 0 ... 1, lies beyond the bound of its tensor. */
export function shareBeyond(tensors: readonly Float32Array[], multiple: number): number {
  let [beyond, total] = [0, 0];
  for (const values of tensors) {
    const squares = values.reduce((sum, value) => sum + value * value, 0);
    const limit = multiple * Math.sqrt(squares / values.length);
    for (const value of values) if (Math.abs(value) > limit) beyond++;
    total += values.length;
  }
  return total > 0 ? beyond / total : 0;
}
