/**
 * Padding (ONNX: Pad). output[i] = data[i - before] along each axis; outside, the constant or the element that `mode`
 * repeats.
 */
import * as tf from '@tensorflow/tfjs';
import { padWith } from '../../compile/kernels/padWith.js';
import { float, ints, string } from '../attributes.js';
import { axesOf, integers } from '../axes.js';
import { positions } from '../extents.js';
import { defineOperator, UnsupportedForm } from '../operator.js';

export const Pad = defineOperator({
  type: 'Pad',
  since: [1, 2, 11, 13, 18, 19, 21, 23, 24, 25],
  inputs: ['data', 'pads?', 'constant_value?', 'axes?'],
  structural: ['pads', 'axes'],
  attributes: {
    mode: string('constant', { only: ['constant', 'reflect', 'edge', 'wrap'] }),
    paddings: ints(undefined, { until: 2 }),
    pads: ints(undefined, { since: 2, until: 11 }),
    value: float(0, { until: 11 }),
  },
  check: ({ mode }, opset) =>
    mode === 'wrap' && opset < 19 ? [{ what: `mode "wrap" does not exist in opset ${opset}` }] : [],
  evaluate({ data, pads, constant_value, axes }, { mode, value, ...attributes }) {
    const given = pads ? integers(pads) : (attributes.pads ?? attributes.paddings ?? []);
    const along = axes ? axesOf(integers(axes), data.rank) : [...data.shape.keys()];
    if (given.length !== 2 * along.length)
      throw new UnsupportedForm(`${given.length} pads for ${along.length} axes`);
    const amounts = data.shape.map((_, axis): [number, number] => {
      const i = along.indexOf(axis);
      return i < 0 ? [0, 0] : [given[i]!, given[along.length + i]!];
    });
    if (mode === 'constant') return padConstant(data, amounts, constant_value ?? value);
    return amounts.reduce((x, pair, axis) => padAxis(x, axis, pair, mode), data as tf.Tensor).clone();
  },
  gradient: 'yes',
});

/** Negative amounts cut off; then the rest is filled up. */
function padConstant(x: tf.Tensor, amounts: [number, number][], value: tf.Tensor | number): tf.Tensor {
  const cut = amounts.map(([before, after]) => [Math.max(0, -before), Math.max(0, -after)] as const);
  const kept = x.shape.map((extent, i) => extent - cut[i]![0] - cut[i]![1]);
  if (kept.some((extent) => extent < 0))
    throw new UnsupportedForm(`pads cut more off [${x.shape}] than there is`);
  const inside =
    kept.join() === x.shape.join()
      ? x
      : x.slice(
          cut.map(([before]) => before),
          kept,
        );
  const filled = amounts.map((pair) => pair.map((amount) => Math.max(0, amount)) as [number, number]);
  if (typeof value !== 'number') return padWith(inside, value.reshape([]), filled);
  return x.rank === 0 ? inside.clone() : tf.pad(inside, filled, value);
}

function padAxis(x: tf.Tensor, axis: number, [before, after]: [number, number], mode: string): tf.Tensor {
  if (before === 0 && after === 0) return x;
  const extent = x.shape[axis]!;
  // Other engines disagree with one another about what lies beyond; what is cropped is not there to be reflected.
  const cropped = Math.min(0, before) + Math.min(0, after);
  const most = { wrap: extent, reflect: extent + cropped - 1 }[mode] ?? Number.POSITIVE_INFINITY;
  const least = mode === 'wrap' ? 0 : Number.NEGATIVE_INFINITY;
  if (extent === 0 || Math.max(before, after) > most || Math.min(before, after) < least)
    throw new UnsupportedForm(
      `mode "${mode}" with pads ${before} and ${after} for ${extent} elements`,
      mode === 'wrap' ? `understood: 0 to ${most}` : `understood: up to ${most}`,
    );
  const picked = positions(before + extent + after).map((i) => source(i - before, extent, mode));
  return tf.gather(x, tf.tensor1d(picked, 'int32'), axis);
}

/** Which element stands at a position outside of the tensor. */
function source(position: number, extent: number, mode: string): number {
  if (mode === 'edge') return Math.min(extent - 1, Math.max(0, position));
  if (mode === 'wrap') return ((position % extent) + extent) % extent;
  if (extent === 1) return 0;
  const period = 2 * (extent - 1);
  const folded = ((position % period) + period) % period;
  return Math.min(folded, period - folded);
}
