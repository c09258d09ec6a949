/**
 * Elementwise arithmetic of two or more operands, broadcast as in NumPy (ONNX: Add, Sub, Mul, Div, Pow, Sum, Mean, Min,
 * Max).
 * Integers appear in shape arithmetic.
 */
import * as tf from '@tensorflow/tfjs';
import { alignLegacy, broadcastShape, broadcastTogether, legacyBroadcast } from '../broadcast.js';
import { integerMagnitude, wrapAround } from '../integers.js';
import { defineOperator, type Operator } from '../operator.js';

/** C = A op B; integers wrap around at the ends of their type. */
function binary(type: string, evaluate: (a: tf.Tensor, b: tf.Tensor) => tf.Tensor): Operator {
  return defineOperator({
    type,
    since: [6, 7, 13, 14],
    inputs: ['A', 'B'],
    attributes: legacyBroadcast,
    evaluate({ A, B }, attributes, at) {
      const b = alignLegacy(A, B, attributes, at.opset);
      broadcastShape(A, b);
      return wrapAround(evaluate(A, b), at.elementType('A'));
    },
    gradient: 'yes',
  });
}

export const Add = binary('Add', (a, b) => a.add(b));
export const Sub = binary('Sub', (a, b) => a.sub(b));
export const Mul = binary('Mul', (a, b) => a.mul(b));

export const Div = binary('Div', divide);

/** Integers are divided towards zero, as C and onnxruntime do; tfjs rounds down. */
function divide(a: tf.Tensor, b: tf.Tensor): tf.Tensor {
  if (a.dtype !== 'int32') return a.div(b);
  const magnitude = integerMagnitude(a).floorDiv(integerMagnitude(b));
  return magnitude.mul(a.sign().mul(b.sign())).cast('int32');
}

/** Z = X^Y, in the type of X. */
export const Pow = defineOperator({
  type: 'Pow',
  since: [1, 7, 12, 13, 15],
  inputs: ['X', 'Y'],
  attributes: legacyBroadcast,
  evaluate({ X, Y }, attributes, { opset }) {
    const y = alignLegacy(X, Y, attributes, opset);
    broadcastShape(X, y);
    const power = X.dtype === y.dtype ? X.pow(y) : X.cast('float32').pow(y.cast('float32'));
    return power.cast(X.dtype);
  },
  gradient: 'yes',
});

/** y = f(data_0, data_1, ...), element by element. */
function variadic(type: string, since: number[], evaluate: (values: tf.Tensor[]) => tf.Tensor): Operator {
  return defineOperator({
    type,
    since,
    inputs: ['data_0*'],
    evaluate({ data_0 }) {
      broadcastShape(...data_0);
      return evaluate(data_0);
    },
    gradient: 'yes',
  });
}

const sum = (values: tf.Tensor[]) => values.reduce((a, b) => a.add(b));

export const Sum = variadic('Sum', [6, 8, 13], sum);
export const Mean = variadic('Mean', [6, 8, 13], (values) => sum(values).div(values.length));
export const Min = variadic('Min', [6, 8, 12, 13], (values) =>
  broadcastTogether(...values).reduce((a, b) => tf.minimum(a, b)),
);
export const Max = variadic('Max', [6, 8, 12, 13], (values) =>
  broadcastTogether(...values).reduce((a, b) => tf.maximum(a, b)),
);
