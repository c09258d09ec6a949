/**
 * Values of a tensor between its elements, at coordinates that are tensors themselves: along each axis the weights of a few
 * neighbours, over all axes their products. One gather fetches every neighbour of every point.
 * Differentiable in the data, and in the coordinates wherever they move the weights.
 */

import * as tf from '@tensorflow/tfjs';
import { extentOf } from '../compile/shapes.js';
import { zip } from '../lists/zip.js';
import { positions } from './extents.js';
import { detached } from './withoutGradient.js';

/** Neighbours along one axis: `positions` (int32, inside the axis) and `weights` (float32), each [neighbours, points]. */
export interface AxisTaps {
  readonly positions: tf.Tensor;
  readonly weights: tf.Tensor;
}

/** What stands for a neighbour outside: nothing, the element at the border, or the mirror image in [low, high]. */
export type Outside = 'zeros' | 'border' | { readonly low: number; readonly high: number };

/** Neighbour offsets from the element at or before a coordinate, and their weights as functions of the rest. */
interface Kernel {
  readonly offsets: readonly number[];
  weights(rest: tf.Tensor): tf.Tensor[];
}

/** Keys's cubic convolution (IEEE TASSP 29, 1981, equation 4) with PyTorch's coefficient. */
const a = -0.75;

export const kernels = {
  linear: { offsets: [0, 1], weights: (t) => [tf.scalar(1).sub(t), t] },
  cubic: {
    offsets: [-1, 0, 1, 2],
    weights(t) {
      const u = tf.scalar(1).sub(t);
      return [outer(t.add(1)), inner(t), inner(u), outer(u.add(1))];
    },
  },
} satisfies Record<string, Kernel>;

/** For distances up to 1. */
function inner(d: tf.Tensor): tf.Tensor {
  return d
    .mul(a + 2)
    .sub(a + 3)
    .mul(d)
    .mul(d)
    .add(1);
}

/** For distances from 1 to 2. */
function outer(d: tf.Tensor): tf.Tensor {
  return d
    .mul(a)
    .sub(5 * a)
    .mul(d)
    .add(8 * a)
    .mul(d)
    .sub(4 * a);
}

/** The one neighbour at a whole coordinate. @param coordinates float32 [points] */
export function nearestTaps(coordinates: tf.Tensor, extent: number, outside: Outside): AxisTaps {
  return tapsAt(coordinates.expandDims(0), extent, outside);
}

/** The neighbours that a kernel weighs. @param coordinates float32 [points] */
export function kernelTaps(
  coordinates: tf.Tensor,
  extent: number,
  { offsets, weights }: Kernel,
  outside: Outside,
): AxisTaps {
  const base = detached(() => coordinates.floor());
  const neighbours = base.expandDims(0).add(tf.tensor2d([...offsets], [offsets.length, 1]));
  const { positions, weights: inside } = tapsAt(neighbours, extent, outside);
  const given = tf.stack(weights(coordinates.sub(base)));
  return { positions, weights: outside === 'zeros' ? given.mul(inside) : given };
}

/** @param neighbours whole numbers, float32 [neighbours, points] */
function tapsAt(neighbours: tf.Tensor, extent: number, outside: Outside): AxisTaps {
  const positions = detached(() => {
    const mirrored = typeof outside === 'string' ? neighbours : reflected(neighbours, outside);
    return mirrored.clipByValue(0, extent - 1).cast('int32');
  });
  const ones = tf.onesLike(neighbours);
  return { positions, weights: outside === 'zeros' ? ones.mul(insideMask(neighbours, 0, extent - 1)) : ones };
}

/** 1 where low <= x <= high, else 0. */
export function insideMask(x: tf.Tensor, low: number, high: number): tf.Tensor {
  return detached(() => x.greaterEqual(low).logicalAnd(x.lessEqual(high)).cast('float32'));
}

/** x mirrored at both ends until it lies between them: with period p = 2 (high - low), |((x - low + p/2) mod p) - p/2| + low. */
export function reflected(x: tf.Tensor, { low, high }: { low: number; high: number }): tf.Tensor {
  const half = high - low;
  if (half === 0) return tf.fill(x.shape, low);
  const turns = detached(() =>
    x
      .sub(low - half)
      .div(2 * half)
      .floor(),
  );
  return x
    .sub(low)
    .sub(turns.mul(2 * half))
    .abs()
    .add(low);
}

/**
 * The values and weights at each point, before they are summed.
 * @param x  [B, C, ...spatial]
 * @param batches  the index in B that each point reads from, int32 [points]
 * @param taps  one for each spatial axis
 * @returns values [neighbours of all axes, points, C] and weights [neighbours of all axes, points, 1]
 */
export function neighbours(
  x: tf.Tensor,
  batches: tf.Tensor,
  taps: readonly AxisTaps[],
): { values: tf.Tensor; weights: tf.Tensor } {
  const channels = extentOf(x.shape, 1);
  const spatial = x.shape.slice(2);
  const points = batches.size;
  // Axis i of the neighbours stands in front of the points: [1 ... n_i ... 1, points].
  const spread = (tensor: tf.Tensor, axis: number) =>
    tensor.reshape([...spatial.map((_, i) => (i === axis ? extentOf(tensor.shape, 0) : 1)), points]);
  const flat = zip(spatial, taps).reduce(
    (index, [extent, { positions }], i) => index.mul(tf.scalar(extent, 'int32')).add(spread(positions, i)),
    batches,
  );
  const weights = taps
    .map(({ weights }, i) => spread(weights, i))
    .reduce((product, each) => product.mul(each));
  const count = flat.size / points;
  const rows = channelsLast(x).reshape([-1, channels]);
  const values = tf.gather(rows, flat.reshape([-1])).reshape([count, points, channels]);
  return { values, weights: weights.reshape([count, points, 1]) };
}

/** The weighted sums at each point, [points, C]. For the arguments see `neighbours`. */
export function sample(x: tf.Tensor, batches: tf.Tensor, taps: readonly AxisTaps[]): tf.Tensor {
  const { values, weights } = neighbours(x, batches, taps);
  return values.mul(weights).sum(0);
}

function channelsLast(x: tf.Tensor): tf.Tensor {
  const spatial = x.shape.slice(2).map((_, i) => i + 2);
  return x.transpose([0, ...spatial, 1]);
}

/** Points in order of B, `each` of them for every element: their batch indices, int32 [B * each]. */
export function batchOfPoints(batch: number, each: number): tf.Tensor {
  return tf.tensor2d(positions(batch), [batch, 1], 'int32').broadcastTo([batch, each]).reshape([-1]);
}
