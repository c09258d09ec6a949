/**
 * The inverse of max pooling, as far as there is one (ONNX: MaxUnpool): output[I[i]] = X[i] at flat places of the output,
 * else 0.
 */
import { maxUnpool } from '../../compile/kernels/maxima.js';
import { ints } from '../attributes.js';
import { integers } from '../axes.js';
import { resolveWindow, windowRefusals } from '../geometry.js';
import { defineOperator, UnsupportedForm } from '../operator.js';
import { withActualBatch } from '../rebatch.js';

export const MaxUnpool = defineOperator({
  type: 'MaxUnpool',
  since: [9, 11, 22],
  inputs: ['X', 'I', 'output_shape?'],
  structural: ['output_shape'],
  attributes: { kernel_shape: ints([], { required: true }), strides: ints(), pads: ints() },
  check: (attributes) => windowRefusals({ ...attributes, dilations: undefined }),
  evaluate({ X, I, output_shape }, { kernel_shape, ...attributes }, at) {
    const extents = X.shape.slice(2);
    const { kernel, strides, pads } = resolveWindow(extents, kernel_shape, {
      ...attributes,
      auto_pad: 'NOTSET',
      dilations: undefined,
    });
    if (I.shape.join() !== X.shape.join())
      throw new UnsupportedForm(`indices [${I.shape}] for values [${X.shape}]`);
    const rank = extents.length;
    const least = extents.map((n, i) => (n - 1) * strides[i]! + kernel[i]! - pads[i]! - pads[rank + i]!);
    const smallest = [...X.shape.slice(0, 2), ...least];
    const outputShape = output_shape
      ? withActualBatch(integers(output_shape), [...X.shape.keys()], X.shape, at)
      : smallest;
    const fits = smallest.every((n, i) => (i < 2 ? outputShape[i] === n : outputShape[i]! >= n));
    if (outputShape.length !== X.rank || !fits)
      throw new UnsupportedForm(`output_shape [${outputShape}] where at least [${smallest}] is needed`);
    return maxUnpool(X, I.cast('int32'), { kernel, strides, pads, outputShape });
  },
  gradient: 'yes',
});
