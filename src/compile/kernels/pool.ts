/**
 * Max and average pooling in ONNX's layout (NCHW, N-D, dilations, uneven pads, ceil mode), and their gradients.
 * The gradient of a maximum goes to the first element that attains it, as in PyTorch and tfjs: after a ReLU ties are common.
 * The gradient of an average is separable: along each axis a product with the matrix of window weights.
 */
import * as tf from '@tensorflow/tfjs';
import { defineKernel, type KernelDefinition, sizeOf } from '../kernel.js';
import { firstMaxima } from './maxima.js';
import { lowerAveragePoolGradient, lowerMaxPoolGradient } from './poolGradient.js';
import {
  type AveragePoolAttributes,
  onnxWindow,
  type PoolAttributes,
  planes,
  poolOutput,
  windowShares,
} from './poolWindow.js';
import { run } from './run.js';
import { forEachRun } from './windows.js';

export type { AveragePoolAttributes, PoolAttributes } from './poolWindow.js';

/** Maximum over windows of the spatial axes of x [B, C, ...spatial]. Differentiable. */
export function maxPool(x: tf.Tensor, attributes: PoolAttributes): tf.Tensor {
  return run('MaxPoolNd', { x }, attributes);
}

/** Mean over windows of the spatial axes of x [B, C, ...spatial]. Differentiable. */
export function averagePool(x: tf.Tensor, attributes: AveragePoolAttributes): tf.Tensor {
  return run('AveragePoolNd', { x }, attributes);
}

const maxPoolKernel = defineKernel({
  name: 'MaxPoolNd',
  lower(at) {
    const x = at.input('x');
    return at.node(
      'MaxPool',
      [x],
      { shape: poolOutput(x.shape, at.attrs), dtype: 'float32' },
      onnxWindow(at.attrs, x.shape),
    );
  },
  inputs: ['x'],
  eager({ x }, attrs) {
    return tf.tensor(firstMaxima(x, attrs).maxima, poolOutput(x.shape, attrs));
  },
  gradient: {
    needs: ['x'],
    of: (dy, { x }, attrs) => ({ x: () => run('MaxPoolNdGrad', { dy, x }, attrs) }),
  },
});

const maxPoolGradKernel = defineKernel({
  name: 'MaxPoolNdGrad',
  lower(at) {
    return lowerMaxPoolGradient(at);
  },
  inputs: ['dy', 'x'],
  eager({ dy, x }, attrs) {
    const [dys, dx] = [dy.dataSync(), new Float32Array(x.size)];
    firstMaxima(x, attrs).positions.forEach((position, i) => {
      dx[position]! += dys[i]!;
    });
    return tf.tensor(dx, x.shape);
  },
});

const averagePoolKernel = defineKernel({
  name: 'AveragePoolNd',
  lower(at) {
    const x = at.input('x');
    const attributes = {
      ...onnxWindow(at.attrs, x.shape),
      count_include_pad: at.attrs.countIncludePad ? 1 : 0,
    };
    return at.node(
      'AveragePool',
      [x],
      { shape: poolOutput(x.shape, at.attrs), dtype: 'float32' },
      attributes,
    );
  },
  inputs: ['x'],
  eager({ x }, attrs) {
    const shape = poolOutput(x.shape, attrs);
    const [xs, ys] = [x.dataSync(), new Float32Array(sizeOf(shape))];
    const share = windowShares(x.shape, attrs);
    forEachRun(attrs as PoolAttributes, planes(x.shape, shape), (xi, _, yi, count, step) => {
      for (let i = 0; i < count; i++) ys[yi + i]! += xs[xi + i * step]! * share[(yi + i) % share.length]!;
    });
    return tf.tensor(ys, shape);
  },
  gradient: {
    needs: ['x'],
    of: (dy, { x }, attrs) => ({
      x: () => run('AveragePoolNdGrad', { dy }, { ...attrs, inputShape: x.shape }),
    }),
  },
});

const averagePoolGradKernel = defineKernel({
  name: 'AveragePoolNdGrad',
  lower(at) {
    const out = { shape: at.attrs.inputShape, dtype: 'float32' } as const;
    return (
      at.recorder.instead('AveragePoolGrad', [at.input('dy')], out, at.attrs) ??
      lowerAveragePoolGradient(at, at.input('dy'), at.attrs.inputShape)
    );
  },
  inputs: ['dy'],
  eager({ dy }, attrs) {
    const shape: number[] = attrs.inputShape;
    const [dys, dx] = [dy.dataSync(), new Float32Array(sizeOf(shape))];
    const share = windowShares(shape, attrs);
    forEachRun(attrs as PoolAttributes, planes(shape, dy.shape), (xi, _, yi, count, step) => {
      for (let i = 0; i < count; i++) dx[xi + i * step]! += dys[yi + i]! * share[(yi + i) % share.length]!;
    });
    return tf.tensor(dx, shape);
  },
});

export const poolKernels: KernelDefinition[] = [
  maxPoolKernel,
  maxPoolGradKernel,
  averagePoolKernel,
  averagePoolGradKernel,
];
