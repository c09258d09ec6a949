/** Padding with a value that is computed, as ONNX's Pad takes it; tfjs pads with numbers only. */
import * as tf from '@tensorflow/tfjs';
import { defineKernel } from '../kernel.js';

/**
 * x with as many elements `value` (a scalar of x's type) before and after, along each axis, as `amounts` says.
 * Differentiable in both.
 */
export function padWith(x: tf.Tensor, value: tf.Tensor, amounts: readonly [number, number][]): tf.Tensor {
  return tf.engine().runKernel('PadWith', { x, value }, { amounts: amounts as never }) as tf.Tensor;
}

export const padWithKernel = defineKernel({
  name: 'PadWith',
  lower(at) {
    const x = at.input('x');
    const amounts: [number, number][] = at.attrs.amounts;
    if (amounts.every(([before, after]) => before === 0 && after === 0)) return x;
    const shape = x.shape.map((extent, i) => extent + amounts[i]![0] + amounts[i]![1]);
    const pads = at.int64([...amounts.map((pair) => pair[0]), ...amounts.map((pair) => pair[1])]);
    return at.node('Pad', [x, pads, at.input('value')], { shape, dtype: x.dtype });
  },
  eager: ({ x, value }, { amounts }) =>
    x!.rank === 0 ? x!.clone() : tf.pad(x!, amounts, value!.dataSync()[0]!),
  gradient: {
    inputsToSave: ['x', 'value'],
    gradFunc(slopes, [x, value], { amounts }) {
      const dy = slopes as tf.Tensor;
      const begin = (amounts as unknown as [number, number][]).map(([before]) => before);
      const inside = () => dy.slice(begin, x!.shape);
      return { x: inside, value: () => dy.sum().sub(inside().sum()).reshape(value!.shape) };
    },
  },
});
