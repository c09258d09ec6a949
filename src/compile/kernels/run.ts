/** Calls a kernel of ours as tfjs calls its own: on whichever backend is active. */
import * as tf from '@tensorflow/tfjs';

export function run(name: string, inputs: Record<string, tf.Tensor>, attributes: object): tf.Tensor {
  return tf.engine().runKernel(name, inputs, attributes as tf.NamedAttrMap) as tf.Tensor;
}
