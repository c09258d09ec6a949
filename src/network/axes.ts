/** Axes and shape operands as ONNX gives them: negative axes count from the end; operands are constant tensors. */
import type * as tf from '@tensorflow/tfjs';
import { checkList } from './extents.js';
import { UnsupportedForm } from './operator.js';

/** The axis as a number from 0. Throws for one outside the rank. */
export function axisOf(axis: number, rank: number): number {
  const positive = axis < 0 ? axis + rank : axis;
  if (positive < 0 || positive >= rank) throw new UnsupportedForm(`axis ${axis} of a tensor of rank ${rank}`);
  return positive;
}

export function axesOf(axes: readonly number[], rank: number): number[] {
  return axes.map((axis) => axisOf(axis, rank));
}

/** The axes from this one on. */
export function axesFrom(axis: number, x: tf.Tensor): number[] {
  const first = axisOf(axis, x.rank);
  return [...x.shape.keys()].filter((i) => i >= first);
}

/**
 * The integers of a shape operand. They must be known when the network is built into a program: constants, or
 * arithmetic on shapes.
 */
export function integers(operand: tf.Tensor): number[] {
  checkList(operand.size);
  return Array.from(operand.dataSync());
}

/** The one number of an operand that holds one. */
export function integer(operand: tf.Tensor): number {
  const [first] = integers(operand);
  if (first === undefined) throw new UnsupportedForm('an operand without elements where a number belongs');
  return first;
}
