/** Shapes that a file writes for its fixed batch. */
import type * as tf from '@tensorflow/tfjs';
import type { Evaluation } from './operator.js';

/**
 * The shape that an operand asks of a result whose axis 0 is that of `x`. If it is written for the file's fixed batch,
 * the actual batch takes its place: resizing along it would mix examples.
 */
export function withActualBatch(
  asked: readonly number[],
  x: tf.Tensor,
  { rebatch, note }: Evaluation,
): number[] {
  const written = rebatch?.axis0 && asked[0] === rebatch.fixed && asked[0] !== x.shape[0];
  if (!written) return [...asked];
  note(`the constant shape [${asked}] is read as [batch, ${asked.slice(1).join(', ')}]`);
  return [rebatch.actual, ...asked.slice(1)];
}
