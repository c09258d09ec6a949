/** Softmax and LogSoftmax (ONNX): along one axis since opset 13; before, over all axes from `axis` on, seen as one. */
import * as tf from '@tensorflow/tfjs';
import { sizeOf } from '../../compile/kernel.js';
import { int } from '../attributes.js';
import { axisOf } from '../axes.js';
import { defineOperator, type Operator } from '../operator.js';

/** y = exp(x) / sum of exp(x), or its logarithm. */
function softmaxLike(type: string, along: (x: tf.Tensor) => tf.Tensor): Operator {
  return defineOperator({
    type,
    since: [1, 11, 13],
    inputs: ['input'],
    attributes: { axis: int() },
    evaluate({ input }, attributes, { opset }) {
      const axis = axisOf(attributes.axis ?? (opset < 13 ? 1 : -1), input.rank);
      if (opset < 13) {
        const rows = sizeOf(input.shape.slice(0, axis));
        return along(input.reshape([rows, -1])).reshape(input.shape);
      }
      if (axis === input.rank - 1) return along(input);
      const swap = input.shape.map((_, i) => (i === axis ? input.rank - 1 : i === input.rank - 1 ? axis : i));
      return along(input.transpose(swap)).transpose(swap);
    },
    gradient: 'yes',
  });
}

export const Softmax = softmaxLike('Softmax', (x) => tf.softmax(x));
export const LogSoftmax = softmaxLike('LogSoftmax', (x) => tf.logSoftmax(x));
