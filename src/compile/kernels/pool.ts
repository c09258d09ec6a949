/**
 * Max and average pooling in ONNX's layout (NCHW, N-D, dilations, uneven pads, ceil mode), and their gradients.
 * The gradient of a maximum goes to the first element that attains it, as in PyTorch and tfjs: after a ReLU ties are common.
 * The gradient of an average is separable: along each axis a product with the matrix of window weights.
 */
import * as tf from '@tensorflow/tfjs';
import {
  type Attributes,
  defineKernel,
  type KernelDefinition,
  type Lowering,
  like,
  sizeOf,
  type Value,
} from '../kernel.js';
import { reshape } from '../rewrite.js';
import { forEachRun, type WindowAttributes, windowOutput } from './windows.js';

export interface PoolAttributes extends WindowAttributes {
  /** Whether a last window may hang over the end of the padded input. */
  ceil: boolean;
}

export interface AveragePoolAttributes extends PoolAttributes {
  /** Whether padding counts as elements of value 0 (what hangs over because of `ceil` never does). */
  countIncludePad: boolean;
}

/** Maximum over windows of the spatial axes of x [B, C, ...spatial]. Differentiable. */
export function maxPool(x: tf.Tensor, attributes: PoolAttributes): tf.Tensor {
  return run('MaxPoolNd', { x }, attributes);
}

/** Mean over windows of the spatial axes of x [B, C, ...spatial]. Differentiable. */
export function averagePool(x: tf.Tensor, attributes: AveragePoolAttributes): tf.Tensor {
  return run('AveragePoolNd', { x }, attributes);
}

function run(name: string, inputs: Record<string, tf.Tensor>, attributes: object): tf.Tensor {
  return tf.engine().runKernel(name, inputs, attributes as tf.NamedAttrMap) as tf.Tensor;
}

const maxPoolKernel = defineKernel({
  name: 'MaxPoolNd',
  lower(at) {
    const x = at.input('x');
    return at.node(
      'MaxPool',
      [x],
      { shape: outputShape(x.shape, at.attrs), dtype: 'float32' },
      onnxWindow(at.attrs),
    );
  },
  eager({ x }, attrs) {
    return tf.tensor(firstMaxima(x!, attrs).maxima, outputShape(x!.shape, attrs));
  },
  gradient: {
    inputsToSave: ['x'],
    gradFunc: (dy, [x], attrs) => ({ x: () => run('MaxPoolNdGrad', { dy: dy as tf.Tensor, x: x! }, attrs) }),
  },
});

const maxPoolGradKernel = defineKernel({
  name: 'MaxPoolNdGrad',
  lower(at) {
    const { kernel, strides } = at.attrs as PoolAttributes;
    const overlapping =
      kernel.some((extent, i) => extent > strides[i]!) || at.attrs.dilations.some((d: number) => d > 1);
    return overlapping ? scatterMaxima(at) : unpoolMaxima(at);
  },
  eager({ dy, x }, attrs) {
    const [dys, dx] = [dy!.dataSync(), new Float32Array(x!.size)];
    firstMaxima(x!, attrs).positions.forEach((position, i) => {
      dx[position]! += dys[i]!;
    });
    return tf.tensor(dx, x!.shape);
  },
});

const averagePoolKernel = defineKernel({
  name: 'AveragePoolNd',
  lower(at) {
    const x = at.input('x');
    const attributes = { ...onnxWindow(at.attrs), count_include_pad: at.attrs.countIncludePad ? 1 : 0 };
    return at.node(
      'AveragePool',
      [x],
      { shape: outputShape(x.shape, at.attrs), dtype: 'float32' },
      attributes,
    );
  },
  eager({ x }, attrs) {
    const shape = outputShape(x!.shape, attrs);
    const [xs, ys] = [x!.dataSync(), new Float32Array(sizeOf(shape))];
    const share = windowShares(x!.shape, attrs);
    forEachRun(attrs as PoolAttributes, planes(x!.shape, shape), (xi, _, yi, count, step) => {
      for (let i = 0; i < count; i++) ys[yi + i]! += xs[xi + i * step]! * share[(yi + i) % share.length]!;
    });
    return tf.tensor(ys, shape);
  },
  gradient: {
    inputsToSave: ['x'],
    gradFunc: (dy, [x], attrs) => ({
      x: () => run('AveragePoolNdGrad', { dy: dy as tf.Tensor }, { ...attrs, inputShape: x!.shape }),
    }),
  },
});

const averagePoolGradKernel = defineKernel({
  name: 'AveragePoolNdGrad',
  lower(at) {
    return spreadAverages(at, at.input('dy'), at.attrs.inputShape);
  },
  eager({ dy }, attrs) {
    const shape = attrs.inputShape as number[];
    const [dys, dx] = [dy!.dataSync(), new Float32Array(sizeOf(shape))];
    const share = windowShares(shape, attrs);
    forEachRun(attrs as unknown as PoolAttributes, planes(shape, dy!.shape), (xi, _, yi, count, step) => {
      for (let i = 0; i < count; i++) dx[xi + i * step]! += dys[yi + i]! * share[(yi + i) % share.length]!;
    });
    return tf.tensor(dx, shape);
  },
});

/** Windows that share no element: ONNX's own inverse of MaxPool. Its indices name the first maximum. */
function unpoolMaxima(at: Lowering): Value {
  const [x, dy] = [at.input('x'), at.input('dy')];
  const indices = maximaIndices(at, x, dy.shape);
  const { kernel, strides } = at.attrs as PoolAttributes;
  return at.node('MaxUnpool', [dy, indices, at.int64(x.shape)], like(x), { kernel_shape: kernel, strides });
}

/** Windows that overlap: an element collects the gradients of all windows it is the maximum of. */
function scatterMaxima(at: Lowering): Value {
  const [x, dy] = [at.input('x'), at.input('dy')];
  const indices = at.node('Reshape', [maximaIndices(at, x, dy.shape), at.int64([-1])], {
    shape: [sizeOf(dy.shape)],
    dtype: 'int32',
  });
  const flat = at.node('Reshape', [dy, at.int64([-1])], { shape: [sizeOf(dy.shape)], dtype: 'float32' });
  const size = sizeOf(x.shape);
  const zeros = at.node('Expand', [at.constant(0), at.int64([size])], { shape: [size], dtype: 'float32' });
  const sums = at.node(
    'ScatterElements',
    [zeros, indices, flat],
    { shape: [size], dtype: 'float32' },
    { axis: 0, reduction: 'add' },
  );
  return at.node('Reshape', [sums, at.int64(x.shape)], like(x));
}

/** Flat positions in x of the maxima, as ONNX's int64 (typed int32 here; only ONNX nodes see them). */
function maximaIndices(at: Lowering, x: Value, shape: readonly number[]): Value {
  const outs = [
    { shape, dtype: 'float32' },
    { shape, dtype: 'int32' },
  ] as const;
  return at.nodes('MaxPool', [x], [...outs], onnxWindow(at.attrs))[1]!;
}

/** dx = A' dy along each spatial axis, A [outputs, inputs] being the share of each input in each output. */
function spreadAverages(at: Lowering, dy: Value, inputShape: readonly number[]): Value {
  const spatial = inputShape.slice(2);
  let value = dy;
  for (let i = spatial.length - 1; i >= 0; i--) {
    const matrix = shareMatrix(spatial[i]!, i, at.attrs);
    const [inputs, outputs] = [spatial[i]!, dy.shape[2 + i]!];
    const rest = sizeOf(spatial.slice(i + 1));
    const outer = sizeOf(value.shape.slice(0, 2 + i));
    const shape = [...value.shape.slice(0, 2 + i), ...spatial.slice(i)];
    value =
      rest === 1
        ? product(at, reshape(at.recorder, value, [outer, outputs]), at.constant(matrix, [outputs, inputs]), [
            outer,
            inputs,
          ])
        : product(
            at,
            at.constant(transposed(matrix, outputs, inputs), [inputs, outputs]),
            reshape(at.recorder, value, [outer, outputs, rest]),
            [outer, inputs, rest],
          );
    value = reshape(at.recorder, value, shape);
  }
  return value;
}

function product(at: Lowering, a: Value, b: Value, shape: readonly number[]): Value {
  return at.node('MatMul', [a, b], { shape, dtype: 'float32' });
}

/** A [outputs, inputs], row-major: 1 / (number of elements counted) where the input lies in the window. */
function shareMatrix(extent: number, axis: number, attrs: Attributes): Float32Array {
  const [outputs] = windowOutput([extent], onAxis(attrs, axis), attrs.ceil);
  const { kernel, strides, pads, dilations } = onAxis(attrs, axis);
  const matrix = new Float32Array(outputs! * extent);
  for (let o = 0; o < outputs!; o++) {
    const positions = [...Array(kernel[0]!).keys()].map(
      (k) => o * strides[0]! + k * dilations[0]! - pads[0]!,
    );
    const inside = positions.filter((position) => position >= 0 && position < extent);
    const counted = attrs.countIncludePad
      ? positions.filter((position) => position < extent + pads[1]!).length
      : inside.length;
    for (const position of inside) matrix[o * extent + position] = 1 / counted;
  }
  return matrix;
}

/** The share of one input element in each output of a plane: the product over axes of its rows' common value. */
function windowShares(inputShape: readonly number[], attrs: Attributes): Float32Array {
  const perAxis = inputShape.slice(2).map((extent, axis) => {
    const matrix = shareMatrix(extent, axis, attrs);
    return [...Array(matrix.length / extent).keys()].map((o) =>
      Math.max(...matrix.subarray(o * extent, (o + 1) * extent)),
    );
  });
  return Float32Array.from(
    perAxis.reduce((outer, axis) => outer.flatMap((a) => axis.map((b) => a * b)), [1]),
  );
}

function onAxis(attrs: Attributes, axis: number): WindowAttributes {
  const { kernel, strides, pads, dilations } = attrs as PoolAttributes;
  return {
    kernel: [kernel[axis]!],
    strides: [strides[axis]!],
    pads: [pads[axis]!, pads[kernel.length + axis]!],
    dilations: [dilations[axis]!],
  };
}

function transposed(matrix: Float32Array, rows: number, columns: number): Float32Array {
  return matrix.map((_, i) => matrix[(i % rows) * columns + Math.floor(i / rows)]!);
}

/** For every window its maximum and the flat position of the first element that attains it. */
function firstMaxima(x: tf.Tensor, attrs: Attributes): { maxima: Float32Array; positions: Int32Array } {
  const shape = outputShape(x.shape, attrs);
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

function planes(input: readonly number[], output: readonly number[]) {
  return {
    batch: input[0]!,
    group: input[1]!,
    inChannels: 1,
    outChannels: 1,
    input: input.slice(2),
    output: output.slice(2),
  };
}

function outputShape(x: readonly number[], attrs: Attributes): number[] {
  return [...x.slice(0, 2), ...windowOutput(x.slice(2), attrs as PoolAttributes, attrs.ceil)];
}

function onnxWindow(attrs: Attributes) {
  const { kernel, strides, pads, dilations, ceil } = attrs as PoolAttributes;
  return {
    kernel_shape: kernel,
    strides,
    pads,
    ...(isDilated(attrs) ? { dilations } : {}),
    ceil_mode: ceil ? 1 : 0,
  };
}

function isDilated(attrs: Attributes): boolean {
  return (attrs as PoolAttributes).dilations.some((dilation) => dilation !== 1);
}

export const poolKernels: KernelDefinition[] = [
  maxPoolKernel,
  maxPoolGradKernel,
  averagePoolKernel,
  averagePoolGradKernel,
];
