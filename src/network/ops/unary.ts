/** Elementwise functions of one operand, without attributes. */
import type * as tf from '@tensorflow/tfjs';
import { defineOperator, type Example, type GradientKind, type Operator } from '../operator.js';

const anywhere: Example[] = [{ inputs: [[2, 3, 4]] }, { inputs: [[5]], opset: 9 }];
const positive: Example[] = [{ inputs: [{ shape: [2, 3, 4], between: [0.5, 2] }] }];

function unary(
  type: string,
  since: number[],
  evaluate: (x: tf.Tensor) => tf.Tensor,
  examples: Example[] = anywhere,
  gradient: GradientKind = 'yes',
): Operator {
  return defineOperator({ type, since, inputs: ['X'], evaluate: ({ X }) => evaluate(X), gradient, examples });
}

const newest: Example[] = [{ inputs: [[2, 3, 4]] }];

export const Neg = unary('Neg', [6, 13], (x) => x.neg());
export const Abs = unary('Abs', [6, 13], (x) => x.abs());
export const Sqrt = unary('Sqrt', [6, 13], (x) => x.sqrt(), positive);
export const Exp = unary('Exp', [6, 13], (x) => x.exp());
export const Log = unary('Log', [6, 13], (x) => x.log(), positive);
export const Reciprocal = unary('Reciprocal', [6, 13], (x) => x.reciprocal(), positive);
export const Erf = unary('Erf', [9, 13], (x) => x.erf());
export const Sin = unary('Sin', [7, 22], (x) => x.sin());
export const Cos = unary('Cos', [7, 22], (x) => x.cos());
export const Sign = unary('Sign', [9, 13], (x) => x.sign(), newest, 'no');
export const Floor = unary('Floor', [6, 13], (x) => x.floor(), newest, 'no');
export const Ceil = unary('Ceil', [6, 13], (x) => x.ceil(), newest, 'no');
/** Halves go to the even neighbour, in tfjs as in ONNX. */
export const Round = unary('Round', [11, 22], (x) => x.round(), newest, 'no');
