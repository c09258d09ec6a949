/**
 * Which scale and zero point belongs to which element (ONNX QuantizeLinear): one for all, one for each position along an
 * axis, or one for each block of neighbours along it.
 */

import type * as tf from '@tensorflow/tfjs';
import { sizeOf } from '../compile/kernel.js';
import { extentOf } from '../compile/shapes.js';
import { axisOf } from './axes.js';
import { UnsupportedForm } from './operator.js';

export interface Granularity {
  readonly axis: number;
  /** 0: no blocks. */
  readonly block_size: number;
}

/** Scales or zero points in a shape that broadcasts to `shape`, that of the codes. */
export function spread(
  values: tf.Tensor,
  shape: readonly number[],
  { axis, block_size: size }: Granularity,
): tf.Tensor {
  const misfit = () =>
    new UnsupportedForm(
      `scales or zero points [${values.shape}] do not fit [${shape}] along axis ${axis}${size > 0 ? ` in blocks of ${size}` : ''}`,
    );
  if (size === 0 && values.rank < 2) {
    if (values.size === 1) return values.reshape([]);
    const along = axisOf(axis, shape.length);
    if (values.size !== shape[along]) throw misfit();
    return values.reshape(shape.map((extent, i) => (i === along ? extent : 1)));
  }
  if (size < 1) throw misfit();
  const along = axisOf(axis, shape.length);
  const blocks = Math.ceil(extentOf(shape, along) / size);
  const wanted = shape.map((extent, i) => (i === along ? blocks : extent));
  if (values.shape.join() !== wanted.join()) throw misfit();
  const [outer, inner] = [sizeOf(shape.slice(0, along)), sizeOf(shape.slice(along + 1))];
  return values
    .reshape([outer, blocks, 1, inner])
    .tile([1, 1, size, 1])
    .reshape([outer, blocks * size, inner])
    .slice([0, 0, 0], [outer, extentOf(shape, along), inner])
    .reshape([...shape]);
}
