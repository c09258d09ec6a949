/**
 * Weight clipping (Joshi et al. 2020, alpha x std(W_l)): without outliers the range of a tensor, and with it the noise of
 * devices whose noise goes with the range, shrinks relative to the weights.
 * Every step clips; the bounds are measured anew in every 16th. Weights change by a few per cent in between at most, and
 * measuring costs more passes over the weights than clipping.
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
 * `multiple` times the standard deviation about zero, sqrt(mean(w^2)). For trained weights this is the standard deviation; for
 * a filter of equal values (blurring, averaging) it does not vanish, as the deviation from their mean would, so that such a
 * filter survives.
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
