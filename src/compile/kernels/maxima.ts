/** Where the maxima of pooling lie, and the way back: values put where those indices say. */
import * as tf from '@tensorflow/tfjs';
import { defineKernel, type KernelAttributes, type KernelDefinition, like, sizeOf } from '../kernel.js';
import { maximaIndices } from './poolGradient.js';
import { type PoolAttributes, planes, poolOutput } from './poolWindow.js';
import { run } from './run.js';
import { forEachRun } from './windows.js';

export interface IndexAttributes extends PoolAttributes {
  /** Whether the first spatial axis of a plane runs fastest, instead of the last. */
  columnMajor: boolean;
}

/** Geometry that ONNX's MaxUnpool carries; where values go, the indices say. */
export interface UnpoolAttributes {
  kernel: number[];
  strides: number[];
  pads: number[];
  outputShape: number[];
}

/** The flat position in x [B, C, ...spatial] of the first maximum of each window, as int32. */
export function maxPoolIndices(x: tf.Tensor, attributes: IndexAttributes): tf.Tensor {
  return run('MaxPoolIndices', { x }, attributes);
}

/** Zeros of `outputShape`, with x at the flat positions `indices`; the last one stays where they repeat. Differentiable in x. */
export function maxUnpool(x: tf.Tensor, indices: tf.Tensor, attributes: UnpoolAttributes): tf.Tensor {
  return run('MaxUnpool', { x, indices }, attributes);
}

const maxPoolIndicesKernel = defineKernel({
  name: 'MaxPoolIndices',
  lower(at) {
    const x = at.input('x');
    const shape = poolOutput(x.shape, at.attrs);
    const indices = maximaIndices(at, x, shape, at.attrs.columnMajor ? { storage_order: 1 } : {});
    // ONNX answers in int64; the recorder's integers are int32.
    return at.node('Cast', [indices], { shape, dtype: 'int32' }, { to: 6 });
  },
  inputs: ['x'],
  eager({ x }, attrs) {
    const { positions } = firstMaxima(x, attrs);
    const spatial = x.shape.slice(2);
    const named = attrs.columnMajor ? positions.map((position) => columnMajor(position, spatial)) : positions;
    return tf.tensor(named, poolOutput(x.shape, attrs), 'int32');
  },
  gradient: {
    needs: ['x'],
    of: (_, { x }) => ({ x: () => tf.zerosLike(x) }),
  },
});

/** A row-major position within a plane (and all planes before it) counted along the first axis first. */
function columnMajor(position: number, spatial: readonly number[]): number {
  const plane = sizeOf(spatial);
  let rest = position % plane;
  let within = 0;
  for (const [i, extent] of [...spatial.entries()].reverse()) {
    within += (rest % extent) * sizeOf(spatial.slice(0, i));
    rest = Math.floor(rest / extent);
  }
  return position - (position % plane) + within;
}

const maxUnpoolKernel = defineKernel({
  name: 'MaxUnpool',
  lower(at) {
    const [x, indices] = [at.input('x'), at.input('indices')];
    const { kernel, strides, pads, outputShape } = at.attrs as UnpoolAttributes;
    const wide = at.node('Cast', [indices], like(indices), { to: 7 });
    const out = { shape: outputShape, dtype: x.dtype };
    const attributes = { kernel_shape: kernel, strides, pads };
    return at.node('MaxUnpool', [x, wide, at.int64(outputShape)], out, attributes);
  },
  inputs: ['x', 'indices'],
  eager({ x, indices }, { outputShape }: UnpoolAttributes) {
    const [xs, ys] = [x.dataSync(), new Float32Array(sizeOf(outputShape))];
    indices.dataSync().forEach((position, i) => {
      ys[position] = xs[i]!;
    });
    return tf.tensor(ys, outputShape);
  },
  gradient: {
    needs: ['indices'],
    of: (dy, { indices }, attributes: UnpoolAttributes) => ({
      x() {
        const picked = (y: tf.Tensor) =>
          tf.gather(y.reshape([-1]), indices.reshape([-1])).reshape(indices.shape);
        // Which of the elements that were put at one place stayed there.
        const order = tf.tensor(
          Float32Array.from({ length: indices.size }, (_, i) => i + 1),
          indices.shape,
        );
        const stayed = picked(maxUnpool(order, indices, attributes)).equal(order);
        return picked(dy).mul(stayed.cast('float32'));
      },
    }),
  },
});

/** For every window its maximum and the flat position of the first element that attains it. */
export function firstMaxima(
  x: tf.Tensor,
  attrs: KernelAttributes,
): { maxima: Float32Array; positions: Int32Array } {
  const shape = poolOutput(x.shape, attrs);
  const xs = x.dataSync();
  const maxima = new Float32Array(sizeOf(shape)).fill(Number.NEGATIVE_INFINITY);
  const positions = new Int32Array(maxima.length).fill(-1);
  forEachRun(attrs as PoolAttributes, planes(x.shape, shape), (xi, _, yi, count, step) => {
    for (let i = 0; i < count; i++) {
      const value = xs[xi + i * step]!;
      if (value <= maxima[yi + i]! && positions[yi + i] !== -1) continue;
      maxima[yi + i] = value;
      positions[yi + i] = xi + i * step;
    }
  });
  return { maxima, positions };
}

export const maximaKernels: KernelDefinition[] = [maxPoolIndicesKernel, maxUnpoolKernel];
