/** Checks that tfjs leaves to its kernels; the recording backend has none, so operators make them. */

import * as tf from '@tensorflow/tfjs';
import { zip } from '../lists/zip.js';
import { int } from './attributes.js';
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
  if (x.shape.join() === shape.join()) return x;
  const aligned = x.reshape([...shape.slice(x.rank).map(() => 1), ...x.shape]);
  return aligned.tile(shape.map((extent, i) => (aligned.shape[i] === extent ? 1 : extent)));
}

/** Indices of elements along an axis: along it there may be any number of indices, along the others as many as elements at most. */
export function checkElements(data: tf.Tensor, indices: tf.Tensor, axis: number): void {
  const fits =
    indices.rank === data.rank &&
    zip(indices.shape, data.shape).every(([indexed, extent], i) => i === axis || indexed <= extent);
  if (!fits) throw new UnsupportedForm(`indices [${indices.shape}] along axis ${axis} of [${data.shape}]`);
}

/** How operator sets before 7 broadcast: only if told to, and the second operand begins at an axis of the first. */
export const legacyBroadcast = {
  broadcast: int(0, { until: 7, only: [0, 1] }),
  axis: int(undefined, { until: 7 }),
};

/** The second operand, so shaped that it broadcasts as in NumPy. */
export function alignLegacy(
  a: tf.Tensor,
  b: tf.Tensor,
  { broadcast, axis }: { broadcast: number; axis: number | undefined },
  opset: number,
): tf.Tensor {
  if (opset >= 7) return b;
  if (broadcast === 0) {
    if (a.shape.join() === b.shape.join()) return b;
    throw new UnsupportedForm(`operands [${a.shape}] and [${b.shape}] differ, and broadcast is 0`);
  }
  if (axis === undefined || b.rank === 0) return b;
  const first = axis < 0 ? axis + a.rank : axis;
  const trailing = a.rank - first - b.rank;
  if (trailing < 0) throw new UnsupportedForm(`an operand [${b.shape}] at axis ${axis} of [${a.shape}]`);
  return b.reshape([...b.shape, ...Array<number>(trailing).fill(1)]);
}

/** All of one shape: tfjs broadcasts here and there too, but some of its gradients forget that it did. */
export function broadcastTogether<T extends tf.Tensor[]>(...operands: T): T {
  const shape = broadcastShape(...operands);
  return operands.map((operand) => broadcastTo(operand, shape)) as T;
}

/** The operand, if it broadcasts to the shape of `x`. */
export function fitting(operand: tf.Tensor, x: tf.Tensor): tf.Tensor {
  if (broadcastShape(operand, x).join() !== x.shape.join())
    throw new UnsupportedForm(`an operand [${operand.shape}] does not broadcast to [${x.shape}]`);
  return operand;
}
