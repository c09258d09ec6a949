/** The windows of pooling: their geometry, as ONNX writes it, and the share each input has in an average. */
import { zip } from '../../lists/zip.js';
import type { KernelAttributes } from '../kernel.js';
import { extentOf, sameShape } from '../shapes.js';
import {
  type WindowAttributes,
  type WindowAxis,
  type WindowExtents,
  windowAxes,
  windowOutput,
} from './windows.js';

export interface PoolAttributes extends WindowAttributes {
  /** Whether a last window may hang over the end of the padded input. */
  ceil: boolean;
}

export interface AveragePoolAttributes extends PoolAttributes {
  /** Whether padding counts as elements of value 0 (what hangs over because of `ceil` never does). */
  countIncludePad: boolean;
}

export function poolOutput(x: readonly number[], attrs: KernelAttributes): number[] {
  return [...x.slice(0, 2), ...windowOutput(x.slice(2), attrs as PoolAttributes, attrs.ceil)];
}

/** Pooling as a window over one channel at a time. */
export function planes(input: readonly number[], output: readonly number[]): WindowExtents {
  return {
    batch: extentOf(input, 0),
    group: extentOf(input, 1),
    inChannels: 1,
    outChannels: 1,
    input: input.slice(2),
    output: output.slice(2),
  };
}

/** @param x shape of the input */
export function onnxWindow(attrs: KernelAttributes, x: readonly number[]) {
  const { kernel, strides, pads, dilations, ceil } = attrs as PoolAttributes;
  // Only where it adds a window: onnxruntime's shape inference also counts one that would begin beyond the end.
  const adds = ceil && !sameShape(poolOutput(x, attrs), poolOutput(x, { ...attrs, ceil: false }));
  return {
    kernel_shape: kernel,
    strides,
    pads,
    ...(isDilated(attrs) ? { dilations } : {}),
    ceil_mode: adds ? 1 : 0,
  };
}

export function isDilated(attrs: KernelAttributes): boolean {
  return (attrs as PoolAttributes).dilations.some((dilation) => dilation !== 1);
}

export interface ShareMatrix {
  readonly inputs: number;
  readonly outputs: number;
  readonly matrix: Float32Array;
}

/** A [outputs, inputs], row-major: 1 / (number of elements counted) where the input lies in the window. */
function shareMatrix(
  extent: number,
  outputs: number,
  { kernel, stride, dilation, begin, end }: WindowAxis,
  countIncludePad: boolean,
): Float32Array {
  const matrix = new Float32Array(outputs * extent);
  for (let o = 0; o < outputs; o++) {
    const positions = [...Array(kernel).keys()].map((k) => o * stride + k * dilation - begin);
    const inside = positions.filter((position) => position >= 0 && position < extent);
    const counted = countIncludePad
      ? positions.filter((position) => position < extent + end).length
      : inside.length;
    for (const position of inside) matrix[o * extent + position] = 1 / counted;
  }
  return matrix;
}

/** One for each spatial axis of inputs of this shape. */
export function shareMatrices(inputShape: readonly number[], attrs: KernelAttributes): ShareMatrix[] {
  const spatial = inputShape.slice(2);
  const window = attrs as AveragePoolAttributes;
  const outputs = windowOutput(spatial, window, window.ceil);
  return zip(spatial, outputs, windowAxes(window)).map(([extent, count, axis]) => ({
    inputs: extent,
    outputs: count,
    matrix: shareMatrix(extent, count, axis, window.countIncludePad),
  }));
}

/** The share of one input element in each output of a plane: the product over axes of its rows' common value. */
export function windowShares(inputShape: readonly number[], attrs: KernelAttributes): Float32Array {
  const perAxis = shareMatrices(inputShape, attrs).map(({ inputs, outputs, matrix }) =>
    [...Array(outputs).keys()].map((o) => Math.max(...matrix.subarray(o * inputs, (o + 1) * inputs))),
  );
  return Float32Array.from(
    perAxis.reduce((outer, axis) => outer.flatMap((a) => axis.map((b) => a * b)), [1]),
  );
}
