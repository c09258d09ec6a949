/**
 * What straight-through rounding is the gradient of: the operator with the identity in place of rounding. The gradient
 * itself is taken with the rounding, as in training.
 */
import * as tf from '@tensorflow/tfjs';
import { eagerOutputs, type Read } from './eager.js';
import type { OneNode } from './oneNode.js';

export function withoutRounding(node: OneNode): Record<string, Read> {
  const backend = tf.getBackend();
  const rounding = tf.getKernel('Round', backend);
  tf.unregisterKernel('Round', backend);
  tf.registerKernel({ ...rounding, kernelFunc: tf.getKernel('Identity', backend).kernelFunc });
  try {
    return eagerOutputs(node);
  } finally {
    tf.unregisterKernel('Round', backend);
    tf.registerKernel(rounding);
  }
}
