/**
 * A spike and its surrogate gradient.
 *   s = [v >= theta]                          forward
 *   ds/du = max(0, 1 - |u - 1|), u = v/theta  backward: the linear window of Rathi & Roy, DIET-SNN (2020),
 *                                             here of height 1, so that its area is that of the step it replaces.
 */
import * as tf from '@tensorflow/tfjs';

/** 1 where `potential` (any shape) has reached `threshold` (scalar), 0 elsewhere; float32. */
export function spike(potential: tf.Tensor, threshold: tf.Scalar): tf.Tensor {
  // tfjs types the function of customGrad as variadic with `save` at its end.
  const fire = tf.customGrad((...args: unknown[]) => {
    const [v, theta, save] = args as [tf.Tensor, tf.Scalar, tf.GradSaveFunc];
    save([v, theta]);
    return { value: tf.cast(tf.greaterEqual(v, theta), 'float32'), gradFunc };
  });
  return fire(potential, threshold);
}

function gradFunc(dy: tf.Tensor, saved: tf.Tensor[]): tf.Tensor[] {
  const [v, theta] = saved as [tf.Tensor, tf.Tensor];
  const u = tf.div(v, theta);
  const window = tf.relu(tf.sub(1, tf.abs(tf.sub(u, 1))));
  const dv = tf.div(tf.mul(dy, window), theta);
  return [dv, tf.neg(tf.sum(tf.mul(dv, u)))];
}
