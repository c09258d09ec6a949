/** The ranges of output channels as a tensor: of weights that training moves, or as the file states them. */

import * as tf from '@tensorflow/tfjs';
import { zip } from '../lists/zip.js';
import { type Channels, extentOf, rangeDims } from '../mapping/channels.js';
import type { Device } from './device.js';

/** Of a shape that broadcasts to `weights`; undefined for a device that does not go by channels. */
export function rangeOf(device: Device, weights: tf.Tensor, channels: Channels): tf.Tensor | undefined {
  if (!device.goesByChannel) return undefined;
  const { range, axis, runs } = channels;
  if (range) return tf.tensor(range.values, [...range.dims]);
  const { split, within } = extentOf(weights.shape, channels);
  const largest = weights.reshape(split).abs().max(within, true);
  if (!runs) return largest;
  // One number for each channel of a run, repeated for every weight along the axis that falls into runs.
  const repeated = zip(split, largest.shape).map(([size, one], i) => (i === runs.axis + 1 ? size : one));
  return largest.add(tf.zeros(repeated)).reshape(rangeDims(weights.shape, { axis, runs }));
}
