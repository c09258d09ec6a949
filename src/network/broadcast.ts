/** Checks that tfjs leaves to its kernels; the recording backend has none, so operators make them. */
import * as tf from '@tensorflow/tfjs';
import { UnsupportedForm } from './operator.js';

/** The common shape of operands that broadcast as in NumPy; throws if they do not. */
export function broadcastShape(...operands: readonly tf.Tensor[]): number[] {
  try {
    return operands
      .map(({ shape }) => shape)
      .reduce((a, b) => tf.broadcast_util.assertAndGetBroadcastShape(a, b));
  } catch {
    const shapes = operands.map(({ shape }) => `[${shape}]`).join(' and ');
    throw new UnsupportedForm(`operands ${shapes} do not broadcast`);
  }
}

/** The tensor repeated to a shape it broadcasts to. */
export function broadcastTo(x: tf.Tensor, shape: readonly number[]): tf.Tensor {
  return x.shape.join() === shape.join() ? x : x.broadcastTo(shape as never);
}

/** The operand, if it broadcasts to the shape of `x`. */
export function fitting(operand: tf.Tensor, x: tf.Tensor): tf.Tensor {
  if (broadcastShape(operand, x).join() !== x.shape.join())
    throw new UnsupportedForm(`an operand [${operand.shape}] does not broadcast to [${x.shape}]`);
  return operand;
}
