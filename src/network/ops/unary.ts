/** Elementwise functions of one operand, without attributes (ONNX operator specification, a section each). */
import * as tf from '@tensorflow/tfjs';
import { int } from '../attributes.js';
import { integerMagnitude, wrapAround } from '../integers.js';
import { defineOperator, type GradientKind, type Operator } from '../operator.js';

/** Y = f(X), element by element; integers wrap around at the ends of their type. */
function unary(
  type: string,
  since: number[],
  evaluate: (x: tf.Tensor) => tf.Tensor,
  gradient: GradientKind = 'yes',
): Operator {
  return defineOperator({
    type,
    since,
    inputs: ['X'],
    evaluate: ({ X }, _, at) => wrapAround(evaluate(X), at.elementType('X')),
    gradient,
  });
}

/** Of NaN, NaN: in tfjs it is 0. */
function signOf(x: tf.Tensor): tf.Tensor {
  return x.dtype === 'float32' ? tf.where(x.isNaN(), x, x.sign()) : x.sign();
}

export const Neg = unary('Neg', [6, 13], (x) => x.neg());
export const Abs = unary('Abs', [6, 13], (x) => (x.dtype === 'int32' ? integerMagnitude(x) : x.abs()));
export const Sqrt = unary('Sqrt', [6, 13], (x) => x.sqrt());
export const Exp = unary('Exp', [6, 13], (x) => x.exp());
export const Log = unary('Log', [6, 13], (x) => x.log());
/** Y = 1 / X */
export const Reciprocal = unary('Reciprocal', [6, 13], (x) => x.reciprocal());
export const Erf = unary('Erf', [9, 13], (x) => x.erf());
export const Sin = unary('Sin', [7, 22], (x) => x.sin());
export const Cos = unary('Cos', [7, 22], (x) => x.cos());
export const Tan = unary('Tan', [7, 22], (x) => x.tan());
export const Asin = unary('Asin', [7, 22], (x) => x.asin());
export const Acos = unary('Acos', [7, 22], (x) => x.acos());
export const Atan = unary('Atan', [7, 22], (x) => x.atan());
export const Sinh = unary('Sinh', [9, 22], (x) => x.sinh());
export const Cosh = unary('Cosh', [9, 22], (x) => x.cosh());
export const Asinh = unary('Asinh', [9, 22], (x) => x.asinh());
export const Acosh = unary('Acosh', [9, 22], (x) => x.acosh());
export const Atanh = unary('Atanh', [9, 22], (x) => x.atanh());
/** Y = -1, 0 or 1, with the sign of X. */
export const Sign = unary('Sign', [9, 13], signOf, 'no');
export const Floor = unary('Floor', [6, 13], (x) => x.floor(), 'no');
export const Ceil = unary('Ceil', [6, 13], (x) => x.ceil(), 'no');
/** Y = round(X): halves go to the even neighbour, in tfjs as in ONNX. */
export const Round = unary('Round', [11, 22], (x) => x.round(), 'no');
export const IsNaN = unary('IsNaN', [9, 13, 20], (x) => tf.isNaN(x), 'no');

/** Y = whether X is infinite, with a sign that is asked for. */
export const IsInf = defineOperator({
  type: 'IsInf',
  since: [10, 20],
  inputs: ['X'],
  attributes: { detect_negative: int(1), detect_positive: int(1) },
  evaluate({ X }, { detect_negative, detect_positive }) {
    const infinite = tf.isInf(X);
    if (detect_negative && detect_positive) return infinite;
    if (!detect_negative && !detect_positive) return tf.zerosLike(infinite);
    return infinite.logicalAnd(detect_positive ? X.greater(0) : X.less(0));
  },
  gradient: 'no',
});
