/**
 * Pooling by the p-norm of each window (ONNX: LpPool, GlobalLpPool): the p-th root of the sum of |x|^p, which is a
 * convolution with ones.
 */
import * as tf from '@tensorflow/tfjs';
import { conv } from '../../compile/kernels/conv.js';
import { type WindowAttributes, windowOutput } from '../../compile/kernels/windows.js';
import { int, ints } from '../attributes.js';
import { windowRefusals } from '../geometry.js';
import { defineOperator, type Refusal } from '../operator.js';
import { poolAttributes, poolWindow, spatialAxes } from '../pooling.js';

/** Y[n, c, o] = (sum over k of |X[n, c, o * stride - pad + k * dilation]|^p)^(1 / p) */
export const LpPool = defineOperator({
  type: 'LpPool',
  since: [2, 11, 18, 22],
  inputs: ['X'],
  attributes: {
    ...poolAttributes,
    ceil_mode: int(0, { since: 18, only: [0, 1] }),
    dilations: ints(undefined, { since: 18 }),
    p: int(2),
  },
  check: (attributes) => [...windowRefusals(attributes), ...normRefusals(attributes)],
  evaluate({ X }, { kernel_shape, ceil_mode, p, ...attributes }) {
    const window = poolWindow(X, kernel_shape, ceil_mode, attributes);
    const { strides, dilations } = window;
    const channels = X.shape[1]!;
    const pads = padsForAll(X.shape.slice(2), window, window.ceil);
    const ones = tf.fill([channels, 1, ...kernel_shape], 1);
    return root(conv(power(X, p), ones, { strides, pads, dilations, group: channels }), p);
  },
  gradient: 'yes',
});

/** Y[n, c] = (sum of |X[n, c]|^p over the spatial axes, which stay with extent 1)^(1 / p) */
export const GlobalLpPool = defineOperator({
  type: 'GlobalLpPool',
  since: [2, 22],
  inputs: ['X'],
  attributes: { p: int(2) },
  check: normRefusals,
  evaluate: ({ X }, { p }) => root(power(X, p).sum(spatialAxes(X.rank), true), p),
  gradient: 'yes',
});

function normRefusals({ p }: { p: number }): Refusal[] {
  return p >= 1 ? [] : [{ what: `p = ${p}`, hint: 'a norm has p of at least 1' }];
}

function power(x: tf.Tensor, p: number): tf.Tensor {
  if (p === 2) return x.square();
  return p === 1 ? x.abs() : x.abs().pow(p);
}

/** s^(1/p), with the slope y^(1 - p) / p of its value y; at 0, where the norm has a kink, the slope is 0. */
function root(sum: tf.Tensor, p: number): tf.Tensor {
  if (p === 1) return sum;
  return tf.customGrad((s: tf.Tensor | tf.GradSaveFunc, save: tf.Tensor | tf.GradSaveFunc) => {
    const value = p === 2 ? (s as tf.Tensor).sqrt() : (s as tf.Tensor).pow(1 / p);
    (save as tf.GradSaveFunc)([value]);
    return {
      value,
      gradFunc(dy: tf.Tensor, [y]: tf.Tensor[]) {
        const positive = y!.greater(0);
        const slope = tf
          .where(positive, y!, tf.onesLike(y!))
          .pow(1 - p)
          .div(p);
        return dy.mul(tf.where(positive, slope, tf.zerosLike(y!)));
      },
    };
  })(sum);
}

/** Pads under which the last window fits, if rounding up lets it hang over the end. */
function padsForAll(extents: readonly number[], window: WindowAttributes, ceil: boolean): number[] {
  const { kernel, strides, pads, dilations } = window;
  const rank = extents.length;
  const outputs = windowOutput(extents, window, ceil);
  const ends = extents.map((extent, i) => {
    const reach = (outputs[i]! - 1) * strides[i]! + (kernel[i]! - 1) * dilations[i]! + 1;
    return Math.max(pads[rank + i]!, reach - extent - pads[i]!);
  });
  return [...pads.slice(0, rank), ...ends];
}
