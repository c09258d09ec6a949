/** What the poolings share: windows over the spatial axes, or all of these axes. */
import type * as tf from '@tensorflow/tfjs';
import type { PoolAttributes } from '../compile/kernels/pool.js';
import { int, ints } from './attributes.js';
import {
  refuseDilatedSame,
  refuseEmptyWindows,
  refuseMisfit,
  refuseSparseSame,
  resolveWindow,
  windowAttributes,
} from './geometry.js';
import { UnsupportedForm } from './operator.js';

export const poolAttributes = {
  ...windowAttributes,
  kernel_shape: ints([], { required: true }),
  ceil_mode: int(0, { since: 10, only: [0, 1] }),
};

/** The window over the spatial axes of x; "same" padding leaves nothing to round up. */
export function poolWindow(
  x: tf.Tensor,
  kernel: readonly number[],
  ceilMode: number,
  attributes: Parameters<typeof resolveWindow>[2],
): PoolAttributes {
  const extents = x.shape.slice(2);
  const window = resolveWindow(extents, kernel, attributes);
  const ceil = ceilMode === 1 && !attributes.auto_pad.startsWith('SAME');
  refuseDilatedSame(window, attributes.auto_pad);
  refuseSparseSame(extents, window, attributes.auto_pad);
  refuseMisfit(extents, window, ceil);
  refuseEmptyWindows(extents, window, ceil);
  return { ...window, ceil };
}

export function spatialAxes(rank: number): number[] {
  if (rank < 3) throw new UnsupportedForm(`an input of rank ${rank} without spatial axes`);
  return [...Array(rank - 2).keys()].map((i) => i + 2);
}
