/** Pooling of regions whose corners lie between the pixels (He et al., "Mask R-CNN", 2017; ONNX: RoiAlign). */
import * as tf from '@tensorflow/tfjs';
import { UnknownValue } from '../../compile/index.js';
import { float, int, string } from '../attributes.js';
import { checkList } from '../extents.js';
import { defineOperator, UnsupportedForm } from '../operator.js';
import { type AxisTaps, insideMask, kernels, kernelTaps, neighbours } from '../sampling.js';

/**
 * Y[r, c, i, j] = mean, or maximum, over the samples in bin i, j of region r of X[batch_indices[r], c], interpolated
 * linearly.
 */
export const RoiAlign = defineOperator({
  type: 'RoiAlign',
  since: [10, 16, 22],
  inputs: ['X', 'rois', 'batch_indices'],
  attributes: {
    mode: string('avg', { only: ['avg', 'max'] }),
    output_height: int(1),
    output_width: int(1),
    sampling_ratio: int(0),
    spatial_scale: float(1),
    // Before opset 16 nothing was shifted.
    coordinate_transformation_mode: string('half_pixel', {
      since: 16,
      only: ['half_pixel', 'output_half_pixel'],
    }),
  },
  check: ({ output_height, output_width, sampling_ratio }) =>
    output_height >= 1 && output_width >= 1 && sampling_ratio >= 0
      ? []
      : [{ what: `an output of ${output_height} x ${output_width} with sampling_ratio ${sampling_ratio}` }],
  evaluate({ X, rois, batch_indices }, attributes, { opset }) {
    const regions = batch_indices.size;
    if (X.rank !== 4 || rois.shape.join() !== `${regions},4` || batch_indices.rank !== 1)
      throw new UnsupportedForm(`regions [${rois.shape}] of images [${batch_indices.shape}] in [${X.shape}]`);
    const [channels, height, width] = X.shape.slice(1) as [number, number, number];
    const { output_height, output_width, mode } = attributes;
    const shifts = opset >= 16 && attributes.coordinate_transformation_mode === 'half_pixel';
    const corners = rois.mul(attributes.spatial_scale).sub(shifts ? 0.5 : 0);
    const [left, top, right, bottom] = tf.unstack(corners, 1) as [tf.Tensor, tf.Tensor, tf.Tensor, tf.Tensor];
    const ratio = attributes.sampling_ratio;
    const rows = samplesAlong(top, bottom, output_height, { shifts, ratio });
    const columns = samplesAlong(left, right, output_width, { shifts, ratio });
    // Every sample of a row with every sample of a column: [regions, rows, columns].
    const shape = [regions, rows.count * output_height, columns.count * output_width];
    const each = (x: tf.Tensor, down: boolean) =>
      x.reshape([regions, ...(down ? [shape[1]!, 1] : [1, shape[2]!])]).broadcastTo(shape as never);
    const taps = [
      edgeTaps(each(rows.positions, true).reshape([-1]), height),
      edgeTaps(each(columns.positions, false).reshape([-1]), width),
    ];
    const images = batch_indices
      .cast('int32')
      .reshape([regions, 1, 1])
      .broadcastTo(shape as never);
    const { values, weights } = neighbours(X, images.reshape([-1]), taps);
    const bins = [regions, output_height, rows.count, output_width, columns.count];
    if (mode === 'max') {
      // The specification's implementations take the greatest weighted neighbour, not the greatest interpolated value.
      const greatest = maximum(values.mul(weights), [0]).reshape([...bins, channels]);
      return maximum(greatest, [2, 4])
        .reshape([regions, output_height, output_width, channels])
        .transpose([0, 3, 1, 2]);
    }
    const shares = each(rows.shares, true).mul(each(columns.shares, false)).reshape([-1, 1]);
    const summed = values.mul(weights).sum(0).mul(shares);
    return summed
      .reshape([...bins, channels])
      .sum([2, 4])
      .transpose([0, 3, 1, 2]);
  },
  gradient: 'yes',
});

interface Samples {
  /** In each of how many places a bin is sampled, at most. */
  readonly count: number;
  /** [regions, bins * count] */
  readonly positions: tf.Tensor;
  /** What each sample counts for in the mean of its bin, [regions, bins * count]. */
  readonly shares: tf.Tensor;
}

/** start + (bin + (k + 1/2) / count) * extent / bins for the samples k of each bin. */
function samplesAlong(
  start: tf.Tensor,
  end: tf.Tensor,
  bins: number,
  { shifts, ratio }: { shifts: boolean; ratio: number },
): Samples {
  const regions = start.size;
  const length = end.sub(start);
  const extent = shifts ? length : length.maximum(1);
  const counts = ratio > 0 ? Array<number>(regions).fill(ratio) : countsOf(extent, bins);
  const count = counts.reduce((most, own) => Math.max(most, own), 1);
  checkList(regions * bins * count);
  const places: number[] = [];
  const shares: number[] = [];
  for (const own of counts)
    for (let bin = 0; bin < bins; bin++)
      for (let k = 0; k < count; k++) {
        // A region that needs fewer samples repeats its last one, which then counts for nothing.
        const at = Math.min(k, Math.max(0, own - 1));
        places.push((bin + (at + 0.5) / Math.max(1, own)) / bins);
        shares.push(k < own ? 1 / own : 0);
      }
  const shape: [number, number] = [regions, bins * count];
  const positions = start.expandDims(1).add(extent.expandDims(1).mul(tf.tensor2d(places, shape)));
  return { count, positions, shares: tf.tensor2d(shares, shape) };
}

/** As many samples as a bin is pixels long. */
function countsOf(extent: tf.Tensor, bins: number): number[] {
  try {
    return Array.from(extent.dataSync(), (length) => Math.ceil(Math.fround(length / bins)));
  } catch (cause) {
    if (!(cause instanceof UnknownValue)) throw cause;
    throw new UnsupportedForm(
      'sampling_ratio 0 takes the number of samples from the regions, which depend on the inputs',
      'export the model with a fixed sampling_ratio',
    );
  }
}

/** The maximum over axes, which stay. Samples at the edge read the same element: equal ones share the gradient. */
function maximum(x: tf.Tensor, axes: number[]): tf.Tensor {
  return tf.customGrad((input: tf.Tensor | tf.GradSaveFunc, save: tf.Tensor | tf.GradSaveFunc) => {
    const value = (input as tf.Tensor).max(axes, true);
    (save as tf.GradSaveFunc)([input as tf.Tensor, value]);
    return {
      value,
      gradFunc(dy: tf.Tensor, [saved, greatest]: tf.Tensor[]) {
        const hit = saved!.equal(greatest!).cast('float32');
        return hit.mul(dy.div(hit.sum(axes, true)));
      },
    };
  })(x);
}

/** Up to a pixel beyond the edge the edge's element holds; further out there is nothing. */
function edgeTaps(positions: tf.Tensor, extent: number): AxisTaps {
  const taps = kernelTaps(positions.clipByValue(0, extent - 1), extent, kernels.linear, 'border');
  return { ...taps, weights: taps.weights.mul(insideMask(positions, -1, extent)) };
}
