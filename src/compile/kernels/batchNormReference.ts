/** Batch normalization as plain loops over x [B, C, ...spatial], for the reference engines: formulas in batchNorm.ts. */
import * as tf from '@tensorflow/tfjs';
import { extentOf } from '../shapes.js';

/** Calls `visit` for each run of elements of one channel: `size` of them from flat index `start`. */
function forEachPlane(
  shape: readonly number[],
  visit: (channel: number, start: number, size: number) => void,
): void {
  const [batch, channels] = [extentOf(shape, 0), extentOf(shape, 1)];
  const size = shape.slice(2).reduce((product, extent) => product * extent, 1);
  for (let plane = 0; plane < batch * channels; plane++) visit(plane % channels, plane * size, size);
}

/** Per channel, the mean of `term` over all its elements, in double precision. */
function channelMeans(shape: readonly number[], term: (channel: number, i: number) => number): Float64Array {
  const channels = extentOf(shape, 1);
  const sums = new Float64Array(channels);
  forEachPlane(shape, (c, start, size) => {
    let sum = 0;
    for (let i = start; i < start + size; i++) sum += term(c, i);
    sums[c]! += sum;
  });
  const count = shape.reduce((product, extent) => product * extent, 1) / channels;
  return sums.map((sum) => sum / count);
}

function elementwise(shape: readonly number[], value: (channel: number, i: number) => number): tf.Tensor {
  const out = new Float32Array(tf.util.sizeFromShape([...shape]));
  forEachPlane(shape, (c, start, size) => {
    for (let i = start; i < start + size; i++) out[i] = value(c, i);
  });
  return tf.tensor(out, [...shape]);
}

const vector = (values: Float64Array) => tf.tensor1d(Float32Array.from(values));

/** (x - mean) * gain + shift with gain = scale / sqrt(variance + epsilon). */
export function normalizeBy(
  x: tf.Tensor,
  scale: ArrayLike<number>,
  shift: ArrayLike<number>,
  mean: ArrayLike<number>,
  variance: ArrayLike<number>,
  epsilon: number,
): tf.Tensor {
  const xs = x.dataSync();
  const gain = Float64Array.from(variance, (v, c) => scale[c]! / Math.sqrt(v + epsilon));
  return elementwise(x.shape, (c, i) => (xs[i]! - mean[c]!) * gain[c]! + shift[c]!);
}

/** y, mean and (biased) variance of each channel. */
export function trainReference(
  x: tf.Tensor,
  scale: tf.Tensor,
  shift: tf.Tensor,
  epsilon: number,
): tf.Tensor[] {
  const xs = x.dataSync();
  const mean = channelMeans(x.shape, (_, i) => xs[i]!);
  const variance = channelMeans(x.shape, (c, i) => (xs[i]! - mean[c]!) ** 2);
  const y = normalizeBy(x, scale.dataSync(), shift.dataSync(), mean, variance, epsilon);
  return [y, vector(mean), vector(variance)];
}

/** dx, dscale and dshift. */
export function trainGradientReference(
  dy: tf.Tensor,
  x: tf.Tensor,
  scale: ArrayLike<number>,
  mean: ArrayLike<number>,
  variance: ArrayLike<number>,
  epsilon: number,
): tf.Tensor[] {
  const [dys, xs] = [dy.dataSync(), x.dataSync()];
  const inverse = Float64Array.from(variance, (v) => 1 / Math.sqrt(v + epsilon));
  const n = (c: number, i: number) => (xs[i]! - mean[c]!) * inverse[c]!;
  const dyMean = channelMeans(x.shape, (_, i) => dys[i]!);
  const dynMean = channelMeans(x.shape, (c, i) => dys[i]! * n(c, i));
  const dx = elementwise(
    x.shape,
    (c, i) => scale[c]! * inverse[c]! * (dys[i]! - dyMean[c]! - n(c, i) * dynMean[c]!),
  );
  const count = x.size / extentOf(x.shape, 1);
  return [dx, vector(dynMean.map((m) => m * count)), vector(dyMean.map((m) => m * count))];
}
