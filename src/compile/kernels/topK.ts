/**
 * The k largest or smallest elements along any axis, in order; of equal ones those with the lower index first, as in ONNX.
 * tfjs's own looks for the largest along the last axis, and has no gradient.
 */
import * as tf from '@tensorflow/tfjs';
import { defineKernel, type KernelDefinition, type Lowering, sizeOf, type Value } from '../kernel.js';
import { extentOf } from '../shapes.js';
import { scatterElements } from './addressed.js';

/** The elements, and their indices (int32). Differentiable: slopes go to the elements that were chosen. */
export function topAlong(x: tf.Tensor, k: number, axis: number, largest: boolean): [tf.Tensor, tf.Tensor] {
  return tf.engine().runKernel('TopAlong', { x }, { k, axis, largest }) as tf.Tensor[] as [
    tf.Tensor,
    tf.Tensor,
  ];
}

/** ONNX's TopK, with int32 for its int64 indices. */
function lowerTopK(
  at: Lowering,
  x: Value,
  k: number,
  shape: readonly number[],
  attributes: Record<string, number>,
): Value[] {
  const int = { shape, dtype: 'int32' } as const;
  const outs = at.nodes('TopK', [x, at.int64([k])], [{ shape, dtype: x.dtype }, int], attributes);
  const [values, indices] = outs as [Value, Value];
  return [values, at.node('Cast', [indices], int, { to: 6 })];
}

const topAlongKernel = defineKernel({
  name: 'TopAlong',
  lower(at) {
    const x = at.input('x');
    const { k, axis, largest } = at.attrs;
    const shape = x.shape.map((extent, i) => (i === axis ? (k as number) : extent));
    return lowerTopK(at, x, k, shape, { axis, largest: largest ? 1 : 0, sorted: 1 });
  },
  inputs: ['x'],
  eager({ x }, { k, axis, largest }) {
    const shape = x.shape.map((extent, i) => (i === axis ? (k as number) : extent));
    const [extent, inner] = [extentOf(x.shape, axis), sizeOf(x.shape.slice(axis + 1))];
    const data = x.dataSync();
    const indices = new Int32Array(sizeOf(shape));
    for (let line = 0; line < indices.length / k; line++) {
      const [block, column] = [Math.floor(line / inner), line % inner];
      const at = (i: number) => data[(block * extent + i) * inner + column]!;
      // Not by subtraction: infinities have no difference.
      const before = (a: number, b: number) => (largest ? at(a) > at(b) : at(a) < at(b));
      const order = [...Array(extent).keys()].sort((a, b) => (before(a, b) ? -1 : before(b, a) ? 1 : a - b));
      for (const [i, index] of order.slice(0, k).entries()) indices[(block * k + i) * inner + column] = index;
    }
    const places = tf.tensor(indices, shape, 'int32');
    return [tf.engine().runKernel('GatherElements', { x, indices: places }, { axis }) as tf.Tensor, places];
  },
  gradient: {
    needs: ['x', 'indices'],
    outputs: ['values', 'indices'],
    of: (dy, { x, indices }, { axis }) => ({
      x: () => scatterElements(tf.zeros(x.shape), indices, dy, axis),
    }),
  },
});

const topKOfTfjs = defineKernel({
  name: 'TopK',
  lower(at) {
    const x = at.input('x');
    const k: number = at.attrs.k;
    const shape = [...x.shape.slice(0, -1), k];
    // Sorted even where tfjs does not ask for it: it promises the lower index first of equal elements.
    return lowerTopK(at, x, k, shape, { axis: -1, sorted: 1 });
  },
});

export const topKernels: KernelDefinition[] = [topAlongKernel, topKOfTfjs];
