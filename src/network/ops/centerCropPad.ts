/**
 * CenterCropPad (ONNX): the middle of a tensor, or the tensor in the middle of zeros, axis by axis. Where the extent n
 * becomes m, y[i] = x[i + trunc((n - m) / 2)], and 0 beyond x.
 */
import * as tf from '@tensorflow/tfjs';
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
    const extents = axes.map((axis) => x.shape[axis]!);
    const asked = withActualBatch(integers(shape), axes, extents, at);
    if (asked.length !== axes.length || asked.some((extent) => extent < 0))
      throw new UnsupportedForm(`shape [${asked}] for ${axes.length} axes`);
    const wanted = x.shape.map((extent, axis) => asked[axes.indexOf(axis)] ?? extent);
    const excess = x.shape.map((extent, axis) => extent - wanted[axis]!);
    // An odd element more is cut from the end, and padded there.
    const half = (n: number) => Math.floor(Math.max(0, n) / 2);
    const kept = x.slice(
      excess.map(half),
      x.shape.map((extent, axis) => Math.min(extent, wanted[axis]!)),
    );
    const amounts = excess.map((n): [number, number] => [half(-n), Math.max(0, -n) - half(-n)]);
    return amounts.every(([before, after]) => before + after === 0) ? kept : tf.pad(kept, amounts);
  },
  gradient: 'yes',
});
