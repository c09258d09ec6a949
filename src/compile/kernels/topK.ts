/**
 * The k largest or smallest elements along any axis, in order; of equal ones those with the lower index first, as in ONNX.
 * tfjs's own looks for the largest along the last axis, and has no gradient.
 */
import * as tf from '@tensorflow/tfjs';
import { defineKernel, sizeOf } from '../kernel.js';
import { scatterElements } from './addressed.js';

/** The elements, and their indices (int32). Differentiable: slopes go to the elements that were chosen. */
export function topAlong(x: tf.Tensor, k: number, axis: number, largest: boolean): [tf.Tensor, tf.Tensor] {
  return tf.engine().runKernel('TopAlong', { x }, { k, axis, largest }) as tf.Tensor[] as [
    tf.Tensor,
    tf.Tensor,
  ];
}

export const topKernel = defineKernel({
  name: 'TopAlong',
  lower(at) {
    const x = at.input('x');
    const { k, axis, largest } = at.attrs;
    const shape = x.shape.map((extent, i) => (i === axis ? (k as number) : extent));
    const outs = [
      { shape, dtype: x.dtype },
      { shape, dtype: 'int32' as const },
    ];
    const attributes = { axis, largest: largest ? 1 : 0, sorted: 1 };
    const [values, indices] = at.nodes('TopK', [x, at.int64([k])], outs, attributes);
    return [values!, at.node('Cast', [indices], outs[1]!, { to: 6 })];
  },
  eager({ x }, { k, axis, largest }) {
    const shape = x!.shape.map((extent, i) => (i === axis ? (k as number) : extent));
    const [extent, inner] = [x!.shape[axis]!, sizeOf(x!.shape.slice(axis + 1))];
    const data = x!.dataSync();
    const indices = new Int32Array(sizeOf(shape));
    for (let line = 0; line < indices.length / k; line++) {
      const [block, column] = [Math.floor(line / inner), line % inner];
      const at = (i: number) => data[(block * extent + i) * inner + column]!;
      // Not by subtraction: infinities have no difference.
      const before = (a: number, b: number) => (largest ? at(a) > at(b) : at(a) < at(b));
      const order = [...Array(extent).keys()].sort((a, b) => (before(a, b) ? -1 : before(b, a) ? 1 : a - b));
      for (let i = 0; i < k; i++) indices[(block * k + i) * inner + column] = order[i]!;
    }
    const places = tf.tensor(indices, shape, 'int32');
    return [
      tf.engine().runKernel('GatherElements', { x: x!, indices: places }, { axis }) as tf.Tensor,
      places,
    ];
  },
  gradient: {
    inputsToSave: ['x'],
    outputsToSave: [false, true],
    gradFunc: (dys, [x, indices], { axis }) => ({
      x: () => scatterElements(tf.zeros(x!.shape), indices!, (dys as tf.Tensor[])[0]!, axis as number),
    }),
  },
});
