/**
 * Comparisons and logic (ONNX: Equal, Greater, Less, GreaterOrEqual, LessOrEqual, And, Or, Xor, Not): masks and shape
 * arithmetic.
 * No gradient flows through a truth value.
 */
import * as tf from '@tensorflow/tfjs';
import { alignLegacy, broadcastShape, legacyBroadcast } from '../broadcast.js';
import { defineOperator, type Operator } from '../operator.js';
import { withoutGradient } from '../withoutGradient.js';

/** C = A op B, a truth value for each element; broadcast. */
function comparison(
  type: string,
  since: number[],
  evaluate: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor,
): Operator {
  const compare = withoutGradient((a, b) => evaluate(a!, b!));
  return defineOperator({
    type,
    since,
    inputs: ['A', 'B'],
    attributes: legacyBroadcast,
    evaluate({ A, B }, attributes, { opset }) {
      const b = alignLegacy(A, B, attributes, opset);
      broadcastShape(A, b);
      return compare(A, b);
    },
    gradient: 'no',
  });
}

export const Equal = comparison('Equal', [1, 7, 11, 13, 19], tf.equal);
export const Greater = comparison('Greater', [1, 7, 9, 13], tf.greater);
export const Less = comparison('Less', [1, 7, 9, 13], tf.less);
export const GreaterOrEqual = comparison('GreaterOrEqual', [12, 16], tf.greaterEqual);
export const LessOrEqual = comparison('LessOrEqual', [12, 16], tf.lessEqual);
export const And = comparison('And', [1, 7], tf.logicalAnd);
export const Or = comparison('Or', [1, 7], tf.logicalOr);
export const Xor = comparison('Xor', [1, 7], tf.notEqual);

/** Y = not X */
export const Not = defineOperator({
  type: 'Not',
  since: [1],
  inputs: ['X'],
  evaluate: ({ X }) => tf.logicalNot(X),
  gradient: 'no',
});
