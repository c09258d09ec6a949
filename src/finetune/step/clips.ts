/**
 * Weight clipping (Joshi et al. 2020, alpha x std(W_l)), here to a multiple of the root mean square of a tensor or of each of
 * its output channels: without outliers the range of a tensor, and with it the noise of devices whose noise goes with the
 * range, shrinks relative to the weights. How far a network bears it differs (heavy tails; channels that folded batch
 * normalization scaled apart), so the multiple is chosen on validation. Bounds are those of the weights as they came.
 */
import { float32, type HostTensor } from '../../compile/index.js';
import type { Parameter } from '../../network/network.js';
import { elements, type HostTensors } from './host.js';

export interface Clip {
  /** Of the root mean square; 0 = no clipping. */
  readonly multiple: number;
  /** Whose root mean square. */
  readonly per: 'tensor' | 'channel';
}

export const noClip: Clip = { multiple: 0, per: 'tensor' };

/** From the loosest to the tightest. */
const multiples = [5, 4, 3, 2.5, 2, 1.5];
const kinds = ['tensor', 'channel'] as const;

/** What is tried where nothing is given, beside the network as it came: each list from the loosest to the tightest. */
export const clipCandidates: readonly (readonly Clip[])[] = kinds.map((per) =>
  multiples.map((multiple): Clip => ({ multiple, per })),
);

/** Those beside a clip: one looser, one tighter, and the same of the other kind. */
export function neighboursOf({ multiple, per }: Clip): Clip[] {
  const at = multiples.indexOf(multiple);
  const beside = at < 0 ? [multiples.indexOf(3)] : [at - 1, at + 1, at + 2];
  const near = beside.flatMap((i) => (multiples[i] === undefined ? [] : [{ multiple: multiples[i]!, per }]));
  const other = per === 'tensor' ? 'channel' : 'tensor';
  return [...near, ...(at < 0 ? [] : [{ multiple, per: other } as Clip])];
}

export function clipWords({ multiple, per }: Clip): string {
  return multiple === 0 ? 'no clip' : `clip at ${multiple} RMS of each ${per}`;
}

/** Axes of output channels by parameter; parameters without one have a single bound. */
export type ChannelAxes = ReadonlyMap<string, number>;

/** Shape of a parameter's bounds: one for each output channel, broadcast over the rest. */
export function boundShape({ name, shape }: Parameter, axes: ChannelAxes): number[] {
  const axis = axes.get(name) ?? -1;
  return axis < 0 ? [] : shape.map((extent, at) => (at === axis ? extent : 1));
}

/**
 * Largest magnitude of each weight of a parameter, of `boundShape`. sqrt(mean(w^2)) is the standard deviation where the mean is
 * zero, and does not vanish for a filter of equal values (blurring, averaging). Nothing but zeros is left free.
 */
export function boundsOf(parameter: Parameter, axes: ChannelAxes, { multiple, per }: Clip): HostTensor {
  const shape = boundShape(parameter, axes);
  const bounds = new Float32Array(elements(shape)).fill(Number.POSITIVE_INFINITY);
  if (multiple === 0) return float32(shape, bounds);
  const values = parameter.unrounded ?? parameter.values;
  const inner = innerOf(parameter, axes);
  const squares = new Float64Array(bounds.length);
  for (let i = 0; i < values.length; i++) squares[channelOf(i, inner, bounds.length)]! += values[i]! ** 2;
  const count = values.length / bounds.length;
  const whole = squares.reduce((sum, square) => sum + square, 0) / values.length;
  squares.forEach((square, channel) => {
    const mean = per === 'channel' && square > 0 ? square / count : whole;
    if (mean > 0) bounds[channel] = multiple * Math.sqrt(mean);
  });
  return float32(shape, bounds);
}

/** The values of a parameter limited to their bounds; the same array where none lies beyond. */
export function clippedValues(parameter: Parameter, axes: ChannelAxes, bounds: HostTensor): Float32Array {
  const values = parameter.unrounded ?? parameter.values;
  const limits = bounds.data as Float32Array;
  const inner = innerOf(parameter, axes);
  const limitOf = (i: number) => limits[channelOf(i, inner, limits.length)]!;
  if (!values.some((value, i) => Math.abs(value) > limitOf(i))) return values;
  return values.map((value, i) => Math.max(-limitOf(i), Math.min(limitOf(i), value)));
}

/** Which part of all weights, 0 ... 1, lies beyond their bounds. */
export function shareBeyond(clipped: readonly Parameter[], axes: ChannelAxes, bounds: HostTensors): number {
  let [beyond, total] = [0, 0];
  for (const parameter of clipped) {
    const values = parameter.unrounded ?? parameter.values;
    const limited = clippedValues(parameter, axes, bounds[parameter.name]!);
    for (let i = 0; i < values.length; i++) if (limited[i] !== values[i]) beyond++;
    total += values.length;
  }
  return total > 0 ? beyond / total : 0;
}

/** Values between one index of the output channels and the next. */
function innerOf({ name, shape }: Parameter, axes: ChannelAxes): number {
  return elements(shape.slice((axes.get(name) ?? -1) + 1));
}

function channelOf(index: number, inner: number, channels: number): number {
  return channels === 1 ? 0 : Math.floor(index / inner) % channels;
}
