/**
 * Interpolation along one axis, as ONNX's Resize defines it: where an output lies among the inputs, and the weights of its
 * neighbours. Positions are computed in float32, step by step as onnxruntime does: a rounding decides about the neighbour.
 */

import { checkList, positions } from './extents.js';
import { type AxisMap, pickMap } from './resample.js';

export type CoordinateMode =
  | 'half_pixel'
  | 'half_pixel_symmetric'
  | 'pytorch_half_pixel'
  | 'tf_half_pixel_for_nn'
  | 'align_corners'
  | 'asymmetric'
  | 'tf_crop_and_resize';

/** `simple` is what Resize did before it had a choice: up where the image shrinks, else down. */
export type NearestMode = 'round_prefer_floor' | 'round_prefer_ceil' | 'floor' | 'ceil' | 'simple';

export interface AxisResize {
  readonly inputs: number;
  readonly outputs: number;
  /** Output extents for one of the input; the outputs are whole ones only. */
  readonly scale: number;
  /** The part of the input that is seen by tf_crop_and_resize, from 0 to 1. */
  readonly roi: readonly [number, number];
}

export interface Interpolation {
  readonly mode: 'nearest' | 'linear' | 'cubic';
  readonly coordinates: CoordinateMode;
  readonly nearest: NearestMode;
  readonly antialias: boolean;
  readonly excludeOutside: boolean;
  readonly cubicCoefficient: number;
}

/** Each element of a resized axis has a list of weights of its own. */
const longestAxis = 2 ** 18;

/** The map, and which outputs lie outside the input, where tf_crop_and_resize extrapolates. */
export function interpolationMap(
  axis: AxisResize,
  how: Interpolation,
): { map: AxisMap; outside: readonly boolean[] } {
  const crops = how.coordinates === 'tf_crop_and_resize';
  checkList(Math.max(axis.inputs, axis.outputs), longestAxis);
  const all = positions(axis.outputs);
  // An axis that is not resized, whatever its coordinates would be.
  if (!crops && axis.scale === 1 && axis.outputs === axis.inputs)
    return { map: pickMap(axis.inputs, all), outside: all.map(() => false) };
  const picked = all.map((o) => position(o, axis, how.coordinates));
  const outside = picked.map((x) => crops && (x < 0 || x > axis.inputs - 1));
  if (how.mode === 'nearest') {
    const nearest = picked.map((x) => clamp(roundOf(x, axis.scale, how.nearest), axis.inputs));
    return { map: pickMap(axis.inputs, nearest), outside };
  }
  return { map: { inputs: axis.inputs, outputs: picked.map((x) => weights(x, axis, how)) }, outside };
}

const f32 = Math.fround;

function position(o: number, { inputs, outputs, scale, roi }: AxisResize, mode: CoordinateMode): number {
  const centre = f32((o + 0.5) / scale);
  switch (mode) {
    case 'half_pixel':
      return f32(centre - 0.5);
    case 'half_pixel_symmetric': {
      const adjustment = f32(outputs / f32(scale * inputs));
      return f32(f32(f32((inputs / 2) * f32(1 - adjustment)) + centre) - 0.5);
    }
    case 'pytorch_half_pixel':
      return outputs > 1 ? f32(centre - 0.5) : 0;
    case 'tf_half_pixel_for_nn':
      return centre;
    case 'align_corners':
      return outputs > 1 ? f32((o * (inputs - 1)) / (outputs - 1)) : 0;
    case 'asymmetric':
      return f32(o / scale);
    case 'tf_crop_and_resize': {
      const [start, end] = roi;
      if (outputs === 1) return f32(0.5 * f32(start + end) * (inputs - 1));
      const width = f32(f32(end - start) * (inputs - 1));
      return f32(f32(start * (inputs - 1)) + f32(f32(o * width) / (outputs - 1)));
    }
  }
}

function roundOf(x: number, scale: number, mode: NearestMode): number {
  switch (mode) {
    case 'round_prefer_floor':
      return Math.ceil(x - 0.5);
    case 'round_prefer_ceil':
      return Math.floor(x + 0.5);
    case 'floor':
      return Math.floor(x);
    case 'ceil':
      return Math.ceil(x);
    case 'simple':
      return scale < 1 ? Math.ceil(x) : Math.floor(x);
  }
}

/**
 * w_j ~ k(s (j - x)), with k the triangle of linear or Keys's cubic convolution (IEEE TASSP 29, 1981, equation 4), and
 * s = min(1, scale) with antialiasing, else 1. Neighbours outside stand for the border's element, or are left out.
 */
function weights(x: number, { inputs, scale }: AxisResize, how: Interpolation): AxisMap['outputs'][number] {
  const narrow = how.antialias ? Math.min(1, scale) : 1;
  const reach = (how.mode === 'linear' ? 1 : 2) / narrow;
  const kernel = how.mode === 'linear' ? triangle : cubic(how.cubicCoefficient);
  const sums = new Map<number, number>();
  let total = 0;
  for (let j = Math.ceil(x - reach); j <= Math.floor(x + reach); j++) {
    if (how.excludeOutside && (j < 0 || j >= inputs)) continue;
    const weight = kernel(narrow * Math.abs(j - x));
    const at = clamp(j, inputs);
    sums.set(at, (sums.get(at) ?? 0) + weight);
    total += weight;
  }
  const terms = [...sums].filter(([, weight]) => weight !== 0);
  return terms.map(([at, weight]) => ({ position: at, weight: weight / (total || 1) }));
}

function triangle(distance: number): number {
  return Math.max(0, 1 - distance);
}

function cubic(a: number): (distance: number) => number {
  return (d) => {
    if (d <= 1) return ((a + 2) * d - (a + 3)) * d * d + 1;
    return d < 2 ? ((a * d - 5 * a) * d + 8 * a) * d - 4 * a : 0;
  };
}

function clamp(position: number, extent: number): number {
  return Math.min(extent - 1, Math.max(0, position));
}
