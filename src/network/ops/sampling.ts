/** Sampling an image along a grid of coordinates, and the grids of affine maps (ONNX: GridSample, AffineGrid). */
import * as tf from '@tensorflow/tfjs';
import { int, string } from '../attributes.js';
import { integers } from '../axes.js';
import { positions } from '../extents.js';
import { defineOperator, type Refusal, UnsupportedForm } from '../operator.js';
import {
  type AxisTaps,
  batchOfPoints,
  kernels,
  kernelTaps,
  nearestTaps,
  type Outside,
  sample,
} from '../sampling.js';

const modes: Readonly<Record<string, 'nearest' | 'linear' | 'cubic'>> = {
  nearest: 'nearest',
  linear: 'linear',
  bilinear: 'linear',
  cubic: 'cubic',
  bicubic: 'cubic',
};
/** Opset 20 renamed two modes. */
const firstModes = ['nearest', 'bilinear', 'bicubic'];
const laterModes = ['nearest', 'linear', 'cubic'];

/** Y[n, c, o] = X[n, c] at grid[n, o, :], interpolated; X [N, C, ...in], grid [N, ...out, axes], Y [N, C, ...out]. */
export const GridSample = defineOperator({
  type: 'GridSample',
  since: [16, 20, 22],
  inputs: ['X', 'grid'],
  attributes: {
    mode: string(undefined, { only: Object.keys(modes) }),
    padding_mode: string('zeros', { only: ['zeros', 'border', 'reflection'] }),
    align_corners: int(0, { only: [0, 1] }),
  },
  check({ mode }, opset): Refusal[] {
    const known = opset < 20 ? firstModes : laterModes;
    if (mode === undefined || known.includes(mode)) return [];
    return [{ what: `mode "${mode}" does not exist in opset ${opset}`, hint: `known: ${known.join(', ')}` }];
  },
  evaluate({ X, grid }, { mode = 'linear', padding_mode, align_corners }) {
    const extents = X.shape.slice(2);
    const rank = extents.length;
    const out = grid.shape.slice(1, -1);
    if (X.dtype !== 'float32') throw new UnsupportedForm('integers', 'cast them to float');
    if (
      rank < 1 ||
      rank > 3 ||
      grid.rank !== X.rank ||
      grid.shape.at(-1) !== rank ||
      grid.shape[0] !== X.shape[0]
    )
      throw new UnsupportedForm(`a grid [${grid.shape}] for an input [${X.shape}]`);
    const [batch, channels] = [X.shape[0]!, X.shape[1]!];
    const points = grid.size / rank;
    // The grid names the innermost axis first.
    const coordinates = tf.unstack(grid.reshape([points, rank]), 1);
    const taps = extents.map((extent, i) =>
      tapsOf(coordinates[rank - 1 - i]!, extent, modes[mode]!, padding_mode, align_corners === 1),
    );
    const rows = sample(X, batchOfPoints(batch, points / batch), taps);
    return rows
      .reshape([batch, points / batch, channels])
      .transpose([0, 2, 1])
      .reshape([batch, channels, ...out]);
  },
  gradient: 'yes',
});

/** The neighbours of normalized coordinates: -1 and 1 are the centres of the outermost elements, or else their outer edges. */
function tapsOf(
  normalized: tf.Tensor,
  extent: number,
  mode: 'nearest' | 'linear' | 'cubic',
  padding: string,
  aligned: boolean,
): AxisTaps {
  const x = aligned ? normalized.add(1).mul((extent - 1) / 2) : normalized.add(1).mul(extent).sub(1).div(2);
  const borders = aligned ? { low: 0, high: extent - 1 } : { low: -0.5, high: extent - 0.5 };
  const outside: Outside = padding === 'reflection' ? borders : (padding as 'zeros' | 'border');
  if (mode === 'nearest') return nearestTaps(x.round(), extent, outside);
  if (mode === 'linear') return kernelTaps(x, extent, kernels.linear, outside);
  // As PyTorch and onnxruntime: the weights are those of the coordinate itself, the padding is for each neighbour.
  return kernelTaps(x, extent, kernels.cubic, outside);
}

/** grid[n, o, :] = theta[n] (x, y, 1), or (x, y, z, 1), for the normalized coordinates x, y, z of the element o. */
export const AffineGrid = defineOperator({
  type: 'AffineGrid',
  since: [20],
  inputs: ['theta', 'size'],
  structural: ['size'],
  attributes: { align_corners: int(0, { only: [0, 1] }) },
  evaluate({ theta, size }, { align_corners }) {
    const extents = integers(size).slice(2);
    const rank = extents.length;
    const batch = theta.shape[0]!;
    if ((rank !== 2 && rank !== 3) || theta.shape.slice(1).join() !== `${rank},${rank + 1}`)
      throw new UnsupportedForm(`maps [${theta.shape}] for a size of ${rank} spatial axes`);
    // The columns of a map belong to the coordinates, the innermost first, and to 1.
    const columns = tf
      .unstack(theta, 2)
      .map((column) => column.reshape([batch, ...extents.map(() => 1), rank]));
    return extents.reduce((sum, extent, axis) => {
      const along = positions(extent).map((i) => coordinate(i, extent, align_corners === 1));
      const shape = [1, ...extents.map((_, i) => (i === axis ? extent : 1)), 1];
      return sum.add(columns[rank - 1 - axis]!.mul(tf.tensor(along, shape)));
    }, columns[rank]!);
  },
  gradient: 'yes',
});

/** Of element i, between -1 and 1: the centres of the outermost elements, or else their outer edges. */
function coordinate(i: number, extent: number, aligned: boolean): number {
  if (!aligned) return (2 * i + 1) / extent - 1;
  return extent === 1 ? 0 : (2 * i) / (extent - 1) - 1;
}
