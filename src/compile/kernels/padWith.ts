/** Padding with a value that is computed, as ONNX's Pad takes it; tfjs pads with numbers only. */
import * as tf from '@tensorflow/tfjs';
import { defineKernel } from '../kernel.js';
import { paddedShape } from '../shapes.js';
import { run } from './run.js';

/**
 * x with as many elements `value` (a scalar of x's type) before and after, along each axis, as `amounts` says.
 * Differentiable in both.
 */
export function padWith(x: tf.Tensor, value: tf.Tensor, amounts: readonly [number, number][]): tf.Tensor {
  return run('PadWith', { x, value }, { amounts });
}

export const padWithKernel = defineKernel({
  name: 'PadWith',
  lower(at) {
    const x = at.input('x');
    const amounts: [number, number][] = at.attrs.amounts;
    if (amounts.every(([before, after]) => before === 0 && after === 0)) return x;
    const shape = paddedShape(x.shape, amounts);
    const pads = at.int64([...amounts.map((pair) => pair[0]), ...amounts.map((pair) => pair[1])]);
    return at.node('Pad', [x, pads, at.input('value')], { shape, dtype: x.dtype });
  },
  inputs: ['x', 'value'],
  eager: ({ x, value }, { amounts }) => (x.rank === 0 ? x.clone() : tf.pad(x, amounts, value.dataSync()[0])),
  gradient: {
    needs: ['x', 'value'],
    of(dy, { x, value }, { amounts }: { amounts: [number, number][] }) {
      const begin = amounts.map(([before]) => before);
      const inside = () => dy.slice(begin, x.shape);
      return { x: inside, value: () => dy.sum().sub(inside().sum()).reshape(value.shape) };
    },
  },
});
