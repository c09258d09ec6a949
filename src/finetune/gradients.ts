/** Gradients of a scalar, together with what else the forward pass computed: tf.grads gives the gradients alone. */
import * as tf from '@tensorflow/tfjs';
import type { Tensors } from '../compile/index.js';

export interface Forward {
  readonly loss: tf.Scalar;
  /** Values that are to survive the forward pass, by name. */
  readonly aside: Tensors;
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
  const names = Object.keys(parameters);
  const kept: Tensors = {};
  const loss = (): tf.Scalar => {
    const result = forward(parameters);
    // The engine frees whatever the forward pass does not return.
    for (const [name, value] of Object.entries({ ...result.aside, '': result.loss }))
      kept[name] = tf.keep(value.clone());
    return result.loss;
  };
  const slopes = tf.tidy(() => {
    const at = names.map((name) => parameters[name]!);
    // As tf.grads, which refuses parameters that do not reach the loss.
    return tf.engine().gradients(loss, at, scale, true).grads;
  });
  const released: Tensors = {};
  for (const [name, value] of Object.entries(kept)) {
    released[name] = value.clone(); // owned by whoever tidies around us
    value.dispose();
  }
  const { '': value, ...aside } = released;
  // Without a prototype: whether a parameter has a gradient is asked by its name.
  const gradients: Tensors = Object.create(null);
  names.forEach((name, i) => {
    if (slopes[i]) gradients[name] = slopes[i];
  });
  return { loss: value as tf.Scalar, aside, gradients };
}
