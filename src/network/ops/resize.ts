/**
 * Resize and the Upsample before it (ONNX): interpolation along any axes, one after the other, since all modes are
 * separable.
 */
import * as tf from '@tensorflow/tfjs';
import { repeatElements } from '../../compile/kernels/repeat.js';
import { float, floats, int, ints, string } from '../attributes.js';
import { axesOf, integers } from '../axes.js';
import {
  type AxisResize,
  type CoordinateMode,
  type Interpolation,
  interpolationMap,
  type NearestMode,
} from '../interpolation.js';
import { defineOperator, type Refusal, UnsupportedForm } from '../operator.js';
import { withActualBatch } from '../rebatch.js';
import { type AxisMap, isPickMap, repeatFactor, resampleAxis } from '../resample.js';

const coordinateModes = [
  'half_pixel',
  'half_pixel_symmetric',
  'pytorch_half_pixel',
  'tf_half_pixel_for_nn',
  'align_corners',
  'asymmetric',
  'tf_crop_and_resize',
];

/**
 * Along each axis Y[o] = sum over i of w(x(o) - i) X[i]: coordinate_transformation_mode gives the place x(o) of output o
 * among the inputs, and `mode` the weights w (interpolation.ts).
 */
export const Resize = defineOperator({
  type: 'Resize',
  since: [10, 11, 13, 18, 19],
  // Opset 10: X, scales.
  inputs: ['X', 'roi?', 'scales?', 'sizes?'],
  structural: ['roi', 'scales', 'sizes'],
  attributes: {
    mode: string('nearest', { only: ['nearest', 'linear', 'cubic'] }),
    coordinate_transformation_mode: string('half_pixel', { since: 11, only: coordinateModes }),
    nearest_mode: string('round_prefer_floor', {
      since: 11,
      only: ['round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'],
    }),
    cubic_coeff_a: float(-0.75, { since: 11 }),
    exclude_outside: int(0, { since: 11, only: [0, 1] }),
    extrapolation_value: float(0, { since: 11 }),
    antialias: int(0, { since: 18, only: [0, 1] }),
    axes: ints(undefined, { since: 18 }),
    keep_aspect_ratio_policy: string('stretch', {
      since: 18,
      only: ['stretch', 'not_larger', 'not_smaller'],
    }),
  },
  check: resizeRefusals,
  evaluate({ X, ...operands }, attributes, at) {
    const [roi, scales, sizes] =
      at.opset < 11
        ? [undefined, operands.roi, undefined]
        : [operands.roi, operands.scales, operands.sizes].map((operand) =>
            operand?.size ? operand : undefined,
          );
    if (scales && sizes) throw new UnsupportedForm('scales and sizes both');
    const axes = attributes.axes ? axesOf(attributes.axes, X.rank) : [...X.shape.keys()];
    const crops = attributes.coordinate_transformation_mode === 'tf_crop_and_resize';
    const regions = crops ? regionsOf(roi, axes) : axes.map((): [number, number] => [0, 1]);
    const extents = axes.map((axis) => X.shape[axis]!);
    const asked = sizes && withActualBatch(integers(sizes), axes, extents, at);
    const policy = attributes.keep_aspect_ratio_policy;
    const resized = asked ? bySizes(extents, asked, policy) : byScales(extents, scales);
    const plans = resized.map((axis, i): AxisResize => ({ ...axis, inputs: extents[i]!, roi: regions[i]! }));
    return interpolate(X, axes, plans, interpolationOf(attributes, at.opset), attributes.extrapolation_value);
  },
  gradient: 'yes',
});

/** Y = X resized by the scales, as Resize with x(o) = o / scale. */
export const Upsample = defineOperator({
  type: 'Upsample',
  since: [1, 7, 9],
  inputs: ['X', 'scales?'],
  structural: ['scales'],
  attributes: {
    mode: string('nearest', { only: ['nearest', 'linear', 'bilinear'] }),
    height_scale: float(undefined, { until: 7, required: true }),
    width_scale: float(undefined, { until: 7, required: true }),
    scales: floats(undefined, { since: 7, until: 9, required: true }),
  },
  check({ mode }, opset): Refusal[] {
    const hint = 'Resize took its place: export the model anew';
    if (opset >= 10) return [{ what: 'the operator was removed in opset 10', hint }];
    const known = mode === 'nearest' || (mode === 'bilinear') === opset < 7;
    return known ? [] : [{ what: `mode "${mode}" does not exist in opset ${opset}` }];
  },
  evaluate({ X, scales }, { mode, height_scale, width_scale, ...attributes }) {
    const square = height_scale && width_scale ? [1, 1, height_scale, width_scale] : undefined;
    const given = square ?? attributes.scales ?? (scales && [...scales.dataSync()]) ?? [];
    if (given.length !== X.rank || given.some((scale) => !(scale >= 1)))
      throw new UnsupportedForm(
        `scales [${given}] for [${X.shape}]`,
        'one of at least 1 belongs to each axis',
      );
    const plans = given.map(
      (scale, i): AxisResize => ({ ...byScale(X.shape[i]!, scale), inputs: X.shape[i]!, roi: [0, 1] }),
    );
    return interpolate(X, [...given.keys()], plans, {
      ...firstInterpolation,
      mode: mode === 'nearest' ? 'nearest' : 'linear',
    });
  },
  gradient: 'yes',
});

/** What there was before opset 11 brought a choice. */
const firstInterpolation: Interpolation = {
  mode: 'nearest',
  coordinates: 'asymmetric',
  nearest: 'simple',
  antialias: false,
  excludeOutside: false,
  cubicCoefficient: -0.75,
};

interface ResizeAttributes {
  mode: string;
  coordinate_transformation_mode: string;
  nearest_mode: string;
  cubic_coeff_a: number;
  exclude_outside: number;
  antialias: number;
}

function interpolationOf(attributes: ResizeAttributes, opset: number): Interpolation {
  const mode = attributes.mode as Interpolation['mode'];
  if (opset < 11) return { ...firstInterpolation, mode };
  return {
    mode,
    coordinates: attributes.coordinate_transformation_mode as CoordinateMode,
    nearest: attributes.nearest_mode as NearestMode,
    antialias: attributes.antialias === 1,
    excludeOutside: attributes.exclude_outside === 1,
    cubicCoefficient: attributes.cubic_coeff_a,
  };
}

function resizeRefusals(attributes: ResizeAttributes, opset: number): Refusal[] {
  const { mode, antialias, coordinate_transformation_mode: coordinates } = attributes;
  const refusals: Refusal[] = [];
  const foreign =
    (coordinates === 'tf_half_pixel_for_nn' && opset >= 13) ||
    (coordinates === 'half_pixel_symmetric' && opset < 19);
  if (foreign)
    refusals.push({
      what: `coordinate_transformation_mode "${coordinates}" does not exist in opset ${opset}`,
    });
  if (mode === 'cubic' && opset < 11)
    refusals.push({ what: `mode "cubic" does not exist in opset ${opset}` });
  if (mode === 'nearest' && antialias === 1)
    refusals.push({ what: 'antialias with mode "nearest"', hint: 'it belongs to "linear" and "cubic"' });
  return refusals;
}

/** Start and end of each axis, as float32. */
function regionsOf(roi: tf.Tensor | undefined, axes: readonly number[]): [number, number][] {
  if (roi?.size !== 2 * axes.length)
    throw new UnsupportedForm(
      `tf_crop_and_resize with ${roi?.size ?? 0} numbers in roi for ${axes.length} axes`,
    );
  const numbers = roi.dataSync();
  return axes.map((_, i) => [numbers[i]!, numbers[axes.length + i]!]);
}

type Extent = Pick<AxisResize, 'outputs' | 'scale'>;

function byScales(extents: readonly number[], scales: tf.Tensor | undefined): Extent[] {
  const given = scales?.dataSync();
  if (given?.length !== extents.length || given.some((scale) => !(scale > 0)))
    throw new UnsupportedForm(
      `scales [${given ?? ''}] for ${extents.length} axes`,
      'a positive one belongs to each axis, or sizes in their place',
    );
  return extents.map((extent, i) => byScale(extent, given[i]!));
}

/** The product is rounded to float32 before it is cut to a whole number: 10 * 0.7 is 7. */
function byScale(extent: number, scale: number): Extent {
  return { outputs: Math.floor(Math.fround(extent * Math.fround(scale))), scale };
}

function bySizes(extents: readonly number[], sizes: readonly number[], policy: string): Extent[] {
  if (sizes.length !== extents.length || sizes.some((size) => size < 0))
    throw new UnsupportedForm(`sizes [${sizes}] for ${extents.length} axes`);
  const scales = extents.map((extent, i) => Math.fround(sizes[i]! / extent));
  if (policy === 'stretch') return sizes.map((outputs, i) => ({ outputs, scale: scales[i]! }));
  const scale = policy === 'not_larger' ? Math.min(...scales) : Math.max(...scales);
  return extents.map((extent) => ({ outputs: Math.floor(Math.fround(scale * extent) + 0.5), scale }));
}

function interpolate(
  X: tf.Tensor,
  axes: readonly number[],
  plans: readonly AxisResize[],
  how: Interpolation,
  extrapolation = 0,
): tf.Tensor {
  const resized = plans.map((plan) => interpolationMap(plan, how));
  const maps = resized.map(({ map }) => map);
  if (X.dtype !== 'float32' && !maps.every(isPickMap))
    throw new UnsupportedForm(
      `mode "${how.mode}" of integers`,
      'engines round the results differently: cast to float',
    );
  const y = repeated(X, axes, maps) ?? axes.reduce((x, axis, i) => resampleAxis(x, axis, maps[i]!), X);
  return axes.reduce((x, axis, i) => {
    const { outside } = resized[i]!;
    if (!outside.includes(true)) return x;
    const shape = [outside.length, ...x.shape.slice(axis + 1).map(() => 1)];
    return tf.where(tf.tensor(outside, shape, 'bool'), tf.scalar(extrapolation, x.dtype as 'float32'), x);
  }, y);
}

/** An image enlarged by whole factors in one step. */
function repeated(x: tf.Tensor, axes: readonly number[], maps: readonly AxisMap[]): tf.Tensor | undefined {
  const factors = x.shape.map((_, axis) => {
    const at = axes.indexOf(axis);
    return at < 0 ? 1 : repeatFactor(maps[at]!);
  });
  const image = x.dtype === 'float32' && x.rank >= 3 && x.rank <= 5 && x.size > 0;
  if (!image || factors[0] !== 1 || factors[1] !== 1 || factors.includes(undefined)) return undefined;
  return repeatElements(x, factors.slice(2) as number[]);
}
