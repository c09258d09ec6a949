/**
 * CenterCropPad (ONNX): the middle of a tensor, or the tensor in the middle of zeros, axis by axis. Where the extent n
 * becomes m, y[i] = x[i + trunc((n - m) / 2)], and 0 beyond x.
 */

import * as tf from '@tensorflow/tfjs';
import { extentOf } from '../../compile/shapes.js';
import { zip } from '../../lists/zip.js';
import { ints } from '../attributes.js';
import { axesOf, integers } from '../axes.js';
import { defineOperator, UnsupportedForm } from '../operator.js';
import { withActualBatch } from '../rebatch.js';

export const CenterCropPad = defineOperator({
  type: 'CenterCropPad',
  since: [18],
  inputs: ['input_data', 'shape'],
  structural: ['shape'],
  attributes: { axes: ints() },
  evaluate({ input_data: x, shape }, attributes, at) {
    const axes = attributes.axes ? axesOf(attributes.axes, x.rank) : [...x.shape.keys()];
    const extents = axes.map((axis) => extentOf(x.shape, axis));
    const asked = withActualBatch(integers(shape), axes, extents, at);
    if (asked.length !== axes.length || asked.some((extent) => extent < 0))
      throw new UnsupportedForm(`shape [${asked}] for ${axes.length} axes`);
    const wanted = x.shape.map((extent, axis) => asked[axes.indexOf(axis)] ?? extent);
    const excess = zip(x.shape, wanted).map(([extent, kept]) => extent - kept);
    // An odd element more is cut from the end, and padded there.
    const half = (n: number) => Math.floor(Math.max(0, n) / 2);
    const kept = x.slice(
      excess.map(half),
      zip(x.shape, wanted).map(([extent, kept]) => Math.min(extent, kept)),
    );
    const amounts = excess.map((n): [number, number] => [half(-n), Math.max(0, -n) - half(-n)]);
    return amounts.every(([before, after]) => before + after === 0) ? kept : tf.pad(kept, amounts);
  },
  gradient: 'yes',
});
