/** The ONNX type of a result whose operator does not tell it. */

import type * as tf from '@tensorflow/tfjs';
import { lookUp } from '../lists/lookUp.js';
import { DataType } from '../onnx/model.js';
import type { Flow } from './control/flow.js';
import type { Evaluation } from './operator.js';

const usualTypes: Readonly<Record<string, number>> = {
  float32: DataType.FLOAT,
  int32: DataType.INT64,
  bool: DataType.BOOL,
};

/** The type of the first operand that the operator saw kept as the result is. */
export function inheritedType(
  result: tf.Tensor,
  seen: readonly (tf.Tensor | undefined)[],
  operands: readonly (Flow | undefined)[],
): number {
  const source = operands.find((_, i) => seen[i]?.dtype === result.dtype);
  return source?.elementType ?? lookUp(usualTypes, result.dtype, 'type');
}

/** The ONNX type of an operand that is given. */
export function typeOf(at: Pick<Evaluation, 'elementType'>, input: string): number {
  const type = at.elementType(input);
  if (type === undefined) throw new Error(`the operand ${input} is not given`);
  return type;
}
