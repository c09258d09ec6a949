/**
 * How the output channels of a stored weight tensor lie, and the range of each: the largest weight it holds, or, where the
 * file stores codes, the largest that its scale can express, scale x largest code, as crossbar.json describes the pairs.
 */
import { elementOf } from '../lists/elementOf.js';
import { codeRanges, scaleIndex } from '../onnx/codes.js';

/** One number for each channel, of a shape that broadcasts to the weights. */
export interface ChannelRange {
  readonly dims: readonly number[];
  readonly values: Float32Array;
}

export interface Channels {
  /** The axis of output channels; -1: there is no single one, the tensor counts as one channel. */
  readonly axis: number;
  /** ConvTranspose with groups: the axis of input channels falls into runs, and each run has output channels of its own. */
  readonly runs?: { readonly axis: number; readonly count: number };
  /** Absent: the range is the largest |w| of each channel, whatever the weights are by now. */
  readonly range?: ChannelRange;
}

/** For weights in which nobody knows of channels. */
export const oneChannel: Channels = { axis: -1 };

/** The weights' shape with the runs as an axis of their own, and the axes over which a channel extends. */
export function extentOf(
  dims: readonly number[],
  { axis, runs }: Channels,
): { split: number[]; within: number[] } {
  const split = dims.flatMap((size, i) => (i === runs?.axis ? [runs.count, size / runs.count] : [size]));
  const shifted = runs && axis > runs.axis ? axis + 1 : axis;
  const within = split.map((_, i) => i).filter((i) => i !== shifted && i !== runs?.axis);
  return { split, within };
}

/** The shape of `range`: each axis over which a channel extends has length 1, but the runs keep theirs. */
export function rangeDims(dims: readonly number[], { axis, runs }: Channels): number[] {
  return dims.map((size, i) => (i === axis || i === runs?.axis ? size : 1));
}

/** The range of every channel of these weights. */
export function channelRange(
  weights: Float32Array,
  dims: readonly number[],
  channels: Channels,
): ChannelRange {
  if (channels.range) return channels.range;
  const { axis, runs } = channels;
  const out = rangeDims(dims, channels);
  const place = broadcastIndex(dims, out);
  const length = runs ? elementOf(dims, runs.axis, 'axis') / runs.count : 1;
  const channelOf = runs
    ? broadcastIndex(dims, rangeDims(dims, { axis })) // within a run
    : place;
  const runOf = runs ? scaleIndex(dims, runs.axis) : () => 0;
  const count = axis < 0 ? 1 : elementOf(dims, axis, 'axis');
  const largest = new Float32Array(count * (runs?.count ?? 1));
  const index = (i: number) => Math.floor(runOf(i) / length) * count + channelOf(i);
  weights.forEach((weight, i) => {
    const size = Math.abs(weight);
    if (!(size <= largest[index(i)]!)) largest[index(i)] = size;
  });
  const values = new Float32Array(out.reduce((product, size) => product * size, 1));
  for (let i = 0; i < weights.length; i++) values[place(i)] = largest[index(i)]!;
  return { dims: out, values };
}

/** The range that holds for each weight. */
export function rangeOfEach({ dims: own, values }: ChannelRange, dims: readonly number[]): Float32Array {
  const index = broadcastIndex(dims, own);
  const count = dims.reduce((product, size) => product * size, 1);
  return Float32Array.from({ length: count }, (_, i) => values[index(i)]!);
}

/** Where in a tensor of shape `to`, which broadcasts to `dims`, the number for an element of `dims` stands. */
function broadcastIndex(dims: readonly number[], to: readonly number[]): (element: number) => number {
  let [stride, own] = [1, 1];
  const axes = dims
    .map((size, i) => ({ size, kept: to[i] !== 1 }))
    .reverse()
    .flatMap(({ size, kept }) => {
      const axis = { stride, size, own };
      stride *= size;
      if (kept) own *= size;
      return kept ? [axis] : [];
    });
  return (element) => {
    let at = 0;
    for (const axis of axes) at += (Math.floor(element / axis.stride) % axis.size) * axis.own;
    return at;
  };
}

/** Codes, and what they stand for. */
export interface CodeGrid {
  readonly type: number;
  readonly scales: Float32Array;
  readonly zeroPoints?: Int32Array;
  readonly axis?: number;
  readonly blockSize?: number;
}

/**
 * The range that codes span around their zero point. Symmetric codes of a signed type span as far as their pair of devices,
 * -L ... L. A scale under which all codes are zero says nothing (quantizers write 1): such a channel has no range.
 */
export function codeRange(
  weights: Float32Array,
  dims: readonly number[],
  grid: CodeGrid,
): ChannelRange | undefined {
  const { type, scales, zeroPoints, axis, blockSize = 0 } = grid;
  const limits = codeRanges.get(type);
  if (!limits) return undefined;
  const [low, high] = limits;
  const reach = Float32Array.from(scales, (scale, i) => {
    const zero = zeroPoints?.[i] ?? 0;
    return Math.abs(scale) * (low < 0 && zero === 0 ? high : Math.max(high - zero, zero - low));
  });
  const index = scaleIndex(dims, axis, blockSize);
  const used = new Uint8Array(scales.length);
  weights.forEach((weight, i) => {
    if (weight !== 0) used[index(i)] = 1;
  });
  const ranges = reach.map((value, i) => (used[i] ? value : 0));
  if (blockSize > 0) return { dims, values: weights.map((_, i) => ranges[index(i)]!) };
  return { dims: dims.map((size, i) => (i === axis ? size : 1)), values: ranges };
}
