/**
 * The values that weights stored as codes can have: scale * (code - zero point), for the codes of the type. The parameter
 * is the weight, so that a learning rate means what it means for weights stored as floats; the file keeps the codes.
 */
import * as tf from '@tensorflow/tfjs';
import { scaleIndex } from '../onnx/codes.js';
import { roundHalfEven } from '../onnx/floats.js';
import { spread } from './spread.js';

export interface Grid {
  /** All above zero. */
  readonly scales: Float32Array;
  /** As many as scales. */
  readonly zeroPoints: Float32Array;
  /** Of both. */
  readonly shape: readonly number[];
  /** The axis along which they differ, counted from 0; absent: one for all. */
  readonly axis?: number;
  /** Neighbours along the axis that share one; 0: each index has one of its own. */
  readonly blockSize: number;
  /** Smallest and largest code. */
  readonly range: readonly [number, number];
  /** The type of the codes (DataType). */
  readonly elementType: number;
  /** The value that is the codes, where the file holds weights and a QuantizeLinear makes codes of them. */
  readonly quantized?: string;
}

/** The codes of the nearest values of the grid, in tensors of shape `dims`. */
export function nearestCodes(weights: Float32Array, dims: readonly number[], grid: Grid): Int32Array {
  const { scales, zeroPoints, range } = grid;
  const index = scaleIndex(dims, grid.axis, grid.blockSize);
  return Int32Array.from(weights, (weight, i) => {
    const at = index(i);
    const code = roundHalfEven(Math.fround(weight / scales[at]!)) + zeroPoints[at]!;
    return Math.min(range[1], Math.max(range[0], code));
  });
}

export function gridValues(codes: ArrayLike<number>, dims: readonly number[], grid: Grid): Float32Array {
  const { scales, zeroPoints } = grid;
  const index = scaleIndex(dims, grid.axis, grid.blockSize);
  return Float32Array.from(codes, (code, i) => (code - zeroPoints[index(i)]!) * scales[index(i)]!);
}

/** The nearest values of the grid. */
export function nearestValues(weights: Float32Array, dims: readonly number[], grid: Grid): Float32Array {
  return gridValues(nearestCodes(weights, dims, grid), dims, grid);
}

/** As `nearestValues`, in tfjs. No gradient is taken through it. */
export function rounded(weights: tf.Tensor, grid: Grid): tf.Tensor {
  const { scales, zeroPoints } = tensorsOf(grid, weights.shape);
  const codes = weights.div(scales).round().add(zeroPoints);
  return codes
    .clipByValue(...grid.range)
    .sub(zeroPoints)
    .mul(scales);
}

/**
 * Weights limited to the range of the grid, so that none drifts where it is rounded to the same value and would be long in
 * coming back. What lay beyond it before, in `former`, may stay where it was.
 */
export function withinRange(weights: tf.Tensor, former: tf.Tensor, grid: Grid): tf.Tensor {
  const { scales, zeroPoints } = tensorsOf(grid, weights.shape);
  const end = (code: number) => tf.scalar(code).sub(zeroPoints).mul(scales);
  const [low, high] = [tf.minimum(end(grid.range[0]), former), tf.maximum(end(grid.range[1]), former)];
  return tf.minimum(tf.maximum(weights, low), high);
}

/** weight / scale + zero point: whole numbers for values of the grid, and nothing is rounded for others, as those of a chip. */
export function codesOf(weights: tf.Tensor, grid: Grid): tf.Tensor {
  const { scales, zeroPoints } = tensorsOf(grid, weights.shape);
  return weights.div(scales).add(zeroPoints);
}

function tensorsOf({ scales, zeroPoints, shape, axis = 0, blockSize }: Grid, dims: readonly number[]) {
  const tensor = (values: Float32Array) =>
    spread(tf.tensor(values, [...shape]), dims, { axis, block_size: blockSize });
  return { scales: tensor(scales), zeroPoints: tensor(zeroPoints) };
}
