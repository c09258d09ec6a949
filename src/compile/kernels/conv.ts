/**
 * Convolution in ONNX's layout (NCHW, N-D, groups, dilations, uneven pads), which tfjs lacks, and its two gradients:
 * dx = transposed convolution of dy with w; dw[k] = sum over positions of the k-shifted x times dy.
 */

import * as tf from '@tensorflow/tfjs';
import { int32 } from '../../int32.js';
import { zip } from '../../lists/zip.js';
import {
  defineKernel,
  type KernelAttributes,
  type KernelDefinition,
  type Lowering,
  type Value,
} from '../kernel.js';
import { reshape, transpose } from '../rewrite.js';
import { extentOf } from '../shapes.js';
import { lowerFilterGradient } from './convFilterGradient.js';
import { run } from './run.js';
import {
  forEachRun,
  type WindowAttributes,
  type WindowExtents,
  windowAxes,
  windowOutput,
} from './windows.js';

/** Geometry of a convolution without its kernel extents, which the filter's shape tells. */
export interface ConvAttributes extends Omit<WindowAttributes, 'kernel'> {
  group: number;
}

/** x [B, C, ...spatial] and w [M, C / group, ...kernel] to [B, M, ...spatial]. Differentiable in both. */
export function conv(x: tf.Tensor, w: tf.Tensor, attributes: ConvAttributes): tf.Tensor {
  return run('Conv', { x, w }, attributes);
}

/** The adjoint of `conv` in x: dy [B, M, ...], w as for conv, to `inputShape`. It is ONNX's ConvTranspose. Differentiable. */
export function convGradInput(
  dy: tf.Tensor,
  w: tf.Tensor,
  attributes: ConvAttributes,
  inputShape: readonly number[],
): tf.Tensor {
  return run('ConvGradInput', { dy, w }, { ...attributes, inputShape: [...inputShape] });
}

/** The adjoint of `conv` in w: x, dy to `filterShape`. Not differentiable itself. */
export function convGradFilter(
  x: tf.Tensor,
  dy: tf.Tensor,
  attributes: ConvAttributes,
  filterShape: readonly number[],
): tf.Tensor {
  return run('ConvGradFilter', { x, dy }, { ...attributes, filterShape: [...filterShape] });
}

function windowOf(attrs: KernelAttributes, filterShape: readonly number[]): WindowAttributes {
  const { strides, pads, dilations } = attrs as ConvAttributes;
  return { kernel: filterShape.slice(2), strides, pads, dilations };
}

function convOutput(x: readonly number[], w: readonly number[], attrs: KernelAttributes): number[] {
  return [extentOf(x, 0), extentOf(w, 0), ...windowOutput(x.slice(2), windowOf(attrs, w))];
}

function extentsOf(
  x: readonly number[],
  w: readonly number[],
  y: readonly number[],
  group: number,
): WindowExtents {
  return {
    batch: extentOf(x, 0),
    group,
    inChannels: extentOf(w, 1),
    outChannels: extentOf(w, 0) / group,
    input: x.slice(2),
    output: y.slice(2),
  };
}

const convKernel = defineKernel({
  name: 'Conv',
  lower(at) {
    const [x, w] = [at.input('x'), at.input('w')];
    const shape = convOutput(x.shape, w.shape, at.attrs);
    return at.node('Conv', [x, w], { shape, dtype: 'float32' }, onnxAttributes(at.attrs, w.shape));
  },
  inputs: ['x', 'w'],
  eager({ x, w }, attrs) {
    const shape = convOutput(x.shape, w.shape, attrs);
    const [xs, ws, ys] = [floats(x), floats(w), new Float32Array(tf.util.sizeFromShape(shape))];
    const extents = extentsOf(x.shape, w.shape, shape, attrs.group);
    forEachRun(windowOf(attrs, w.shape), extents, (xi, wi, yi, count, step) => {
      const weight = ws[wi]!;
      for (let i = 0; i < count; i++) ys[yi + i]! += weight * xs[xi + i * step]!;
    });
    return tf.tensor(ys, shape);
  },
  gradient: {
    needs: ['x', 'w'],
    of: (dy, { x, w }, attributes: ConvAttributes) => ({
      x: () => convGradInput(dy, w, attributes, x.shape),
      w: () => convGradFilter(x, dy, attributes, w.shape),
    }),
  },
});

const convGradInputKernel = defineKernel({
  name: 'ConvGradInput',
  lower(at) {
    const [dy, w] = [at.input('dy'), at.input('w')];
    return flippedConvolution(at, dy, w) ?? transposedConvolution(at, dy, w);
  },
  inputs: ['dy', 'w'],
  eager({ dy, w }, attrs) {
    const shape: number[] = attrs.inputShape;
    const [ys, ws, xs] = [floats(dy), floats(w), new Float32Array(tf.util.sizeFromShape(shape))];
    const extents = extentsOf(shape, w.shape, dy.shape, attrs.group);
    forEachRun(windowOf(attrs, w.shape), extents, (xi, wi, yi, count, step) => {
      const weight = ws[wi]!;
      for (let i = 0; i < count; i++) xs[xi + i * step]! += weight * ys[yi + i]!;
    });
    return tf.tensor(xs, shape);
  },
  gradient: {
    needs: ['dy', 'w'],
    of: (slope, { dy, w }, attributes: ConvAttributes) => ({
      dy: () => conv(slope, w, attributes),
      w: () => convGradFilter(slope, dy, attributes, w.shape),
    }),
  },
});

const convGradFilterKernel = defineKernel({
  name: 'ConvGradFilter',
  lower(at) {
    const { filterShape, group } = at.attrs;
    const window = windowOf(at.attrs, filterShape);
    const out = { shape: filterShape, dtype: 'float32' } as const;
    const inputs = [at.input('x'), at.input('dy')];
    return (
      at.recorder.instead('ConvGradFilter', inputs, out, { ...window, group }) ??
      lowerFilterGradient(at, window, group, filterShape)
    );
  },
  inputs: ['x', 'dy'],
  eager({ x, dy }, attrs) {
    const shape: number[] = attrs.filterShape;
    const [xs, ys, ws] = [floats(x), floats(dy), new Float64Array(tf.util.sizeFromShape(shape))];
    const extents = extentsOf(x.shape, shape, dy.shape, attrs.group);
    forEachRun(windowOf(attrs, shape), extents, (xi, wi, yi, count, step) => {
      let sum = 0;
      for (let i = 0; i < count; i++) sum += xs[xi + i * step]! * ys[yi + i]!;
      ws[wi]! += sum;
    });
    return tf.tensor(Float32Array.from(ws), shape);
  },
});

/** ONNX ConvTranspose; output_padding adds the rows at the end that no window of the strided convolution reached. */
function transposedConvolution(at: Lowering, dy: Value, w: Value): Value {
  const inputShape: number[] = at.attrs.inputShape;
  const axes = windowAxes(windowOf(at.attrs, w.shape));
  const unreached = zip(inputShape.slice(2), dy.shape.slice(2), axes).map(
    ([extent, outputs, { stride, begin, end, field }]) =>
      extent - ((outputs - 1) * stride + field - begin - end),
  );
  return at.node(
    'ConvTranspose',
    [dy, w],
    { shape: inputShape, dtype: 'float32' },
    {
      ...onnxAttributes(at.attrs, w.shape),
      ...(unreached.some((extent) => extent !== 0) ? { output_padding: unreached } : {}),
    },
  );
}

/**
 * At stride 1 the adjoint is itself a convolution: of dy with the filter flipped in space and its channels exchanged,
 * padded by d (k - 1) - pad. onnxruntime runs it faster than ConvTranspose. Undefined where it does not apply.
 */
function flippedConvolution(at: Lowering, dy: Value, w: Value): Value | undefined {
  const { inputShape, group } = at.attrs;
  const window = windowOf(at.attrs, w.shape);
  const { kernel, strides, dilations } = window;
  const axes = windowAxes(window);
  const reach = [
    ...axes.map(({ field, begin }) => field - 1 - begin),
    ...axes.map(({ field, end }) => field - 1 - end),
  ];
  if (strides.some((stride) => stride !== 1) || reach.some((pad) => pad < 0)) return undefined;
  const [m, c] = [extentOf(w.shape, 0) / group, extentOf(w.shape, 1)];
  const spatial = kernel.map((_, i) => i);
  const exchanged = reshape(
    at.recorder,
    transpose(at.recorder, reshape(at.recorder, w, [group, m, c, ...kernel]), [
      0,
      2,
      1,
      ...spatial.map((i) => i + 3),
    ]),
    [group * c, m, ...kernel],
  );
  const back = (step: number) => at.int64(kernel.map(() => step));
  const flipped = kernel.every((extent) => extent === 1)
    ? exchanged
    : at.node(
        'Slice',
        [exchanged, back(-1), back(int32.lowest), at.int64(spatial.map((i) => i + 2)), back(-1)],
        exchanged,
      );
  const attributes = { kernel_shape: kernel, strides, pads: reach, dilations, group };
  return at.node('Conv', [dy, flipped], { shape: inputShape, dtype: 'float32' }, attributes);
}

function onnxAttributes(attrs: KernelAttributes, filterShape: readonly number[]) {
  const { strides, pads, dilations, group } = attrs as ConvAttributes;
  return { kernel_shape: filterShape.slice(2), strides, pads, dilations, group };
}

function floats(tensor: tf.Tensor): Float32Array {
  return tensor.dataSync() as Float32Array;
}

export const convKernels: KernelDefinition[] = [convKernel, convGradInputKernel, convGradFilterKernel];
