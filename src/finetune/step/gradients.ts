/** Gradients of a scalar, together with what else the forward pass computed: tf.grads gives the gradients alone. */
import * as tf from '@tensorflow/tfjs';
import type { Tensors } from '../../compile/index.js';
import { mapNamed, named } from './stepState.js';

export interface Forward {
  readonly loss: tf.Scalar;
  /** Values that are to survive the forward pass, by name. */
  readonly counts: Tensors;
  /** Running statistics after the batch, by parameter. */
  readonly statistics: Tensors;
}

export interface Scaled extends Forward {
  /** d(loss) / d(parameter) x scale, by parameter; left out where the parameter does not reach the loss. */
  readonly gradients: Tensors;
}

/**
 * The backward pass starts from `scale` (default 1) instead of 1, so scaling costs one number, not a pass over each gradient.
 */
export function differentiate(
  forward: (at: Tensors) => Forward,
  parameters: Tensors,
  scale: tf.Scalar = tf.scalar(1),
): Scaled {
  let kept: Forward | undefined;
  const loss = (): tf.Scalar => {
    const result = forward(parameters);
    // The engine frees whatever the forward pass does not return.
    kept = each(result, (value) => tf.keep(value.clone()));
    return result.loss;
  };
  const slopes = tf.tidy(
    () =>
      // As tf.grads, which refuses parameters that do not reach the loss.
      tf.engine().gradients(loss, Object.values(parameters), scale, true).grads,
  );
  if (!kept) throw new Error('a backward pass without a forward pass');
  const released = each(kept, (value) => {
    const copy = value.clone(); // owned by whoever tidies around us
    value.dispose();
    return copy;
  });
  const reached = Object.keys(parameters).flatMap((name, i) =>
    slopes[i] ? [[name, slopes[i]] as const] : [],
  );
  return { ...released, gradients: named(reached) };
}

function each({ loss, counts, statistics }: Forward, change: <T extends tf.Tensor>(value: T) => T): Forward {
  return {
    loss: change(loss),
    counts: mapNamed(counts, change),
    statistics: mapNamed(statistics, change),
  };
}
