/** Resize and Upsample: every mode along any axes, by scales or sizes. */
import fc from 'fast-check';
import type { ExampleInput } from '../example.js';
import { axes, type Draw, type Form, type Forms, float, floats, inputs, ints, shape } from './draw.js';

const list = <T>(count: number, each: fc.Arbitrary<T>) =>
  fc.array(each, { minLength: count, maxLength: count });

const numbers = (given: readonly number[]): ExampleInput => ({ numbers: given });

/** Binary fractions: no position is a rounding away from a half. */
const scale = fc.constantFrom(0.5, 0.75, 1, 1.25, 1.5, 2, 3);

/**
 * onnxruntime interpolates along the last axes only: linearly at most three of them, cubically two.
 * Also left out, since it errs or refuses there: cubic antialias while enlarging (its weights are not those of the
 * specification), exclude_outside with another mode than cubic, negative axes with a policy, a crop of as many
 * elements as an axis has, and a scale that leaves an extent as it is (then elements are copied).
 */
interface Drawn {
  of: number[];
  along: number[];
  mode: 'nearest' | 'linear' | 'cubic';
}

function extents(mode: Drawn['mode']): fc.Arbitrary<Drawn> {
  const each = fc.integer({ min: 1, max: 5 });
  if (mode === 'nearest')
    return shape(1, 4, each).chain((of) => axes(of.length).map((along) => ({ of, along, mode })));
  const [rank, most] = mode === 'linear' ? [fc.integer({ min: 3, max: 4 }), 2] : [fc.constant(4), 2];
  return rank.chain((n) => list(n, each).map((of) => ({ of, along: [...of.keys()].slice(n - most), mode })));
}

const coordinates = (opset: number) => [
  'half_pixel',
  'pytorch_half_pixel',
  'align_corners',
  'asymmetric',
  ...(opset < 13 ? ['tf_half_pixel_for_nn'] : []),
  ...(opset >= 19 ? ['half_pixel_symmetric'] : []),
];

const more = fc.record({
  scales: list(4, scale),
  sizes: list(4, fc.integer({ min: 1, max: 7 })),
  bySize: fc.boolean(),
  nearest: fc.constantFrom('round_prefer_floor', 'round_prefer_ceil', 'floor', 'ceil'),
  policy: fc.constantFrom('stretch', 'not_larger', 'not_smaller'),
  roi: list(8, fc.constantFrom(0, 0.25, 0.5, 0.75, 1)),
  antialias: fc.boolean(),
  exclude: fc.boolean(),
  crop: fc.boolean(),
  coefficient: float(-0.9, -0.4),
  partly: fc.boolean(),
});
type More = typeof more extends fc.Arbitrary<infer T> ? T : never;

/** Scales that change extents, and ones. */
function changing(of: readonly number[], scales: readonly number[]): number[] {
  return scales.map((scale, i) => (Math.floor(of[i]! * scale) === of[i] ? 1 : scale));
}

function formOf(opset: number, { of, along, mode }: Drawn, at: More, coordinate: string): Form {
  const partly = opset >= 18 && at.partly;
  const named = partly ? along.map((axis) => (axis < 0 ? axis + of.length : axis)) : [...of.keys()];
  const resized = new Set(along.map((axis) => (axis < 0 ? axis + of.length : axis)));
  const shrinks = named.map((axis, i) => (resized.has(axis) ? at.scales[i]! : 1));
  const scales = changing(
    named.map((axis) => of[axis]!),
    shrinks.map((factor, i) => (Math.floor(of[named[i]!]! * factor) < 1 ? 1 : factor)),
  );
  const sizes = named.map((axis, i) => (resized.has(axis) ? at.sizes[i]! : of[axis]!));
  if (opset < 11) return { inputs: [floats(of), numbers(scales)], attributes: { mode } };
  const crops = at.crop && mode !== 'cubic';
  const bySize = at.bySize || crops;
  const cut = named.map((axis, i) => sizes[i] !== of[axis]);
  const starts = cut.map((own, i) => (own ? at.roi[i]! : 0));
  const ends = cut.map((own, i) => (own ? at.roi[4 + i]! : 1));
  const region = crops ? numbers([...starts, ...ends]) : opset < 13 ? numbers([]) : null;
  const enlarges = bySize
    ? named.some((axis, i) => sizes[i]! > of[axis]!)
    : scales.some((factor) => factor > 1);
  const antialias =
    opset >= 18 && at.antialias && mode !== 'nearest' && !(mode === 'cubic' && enlarges) && !crops;
  return {
    inputs: inputs(
      floats(of),
      region,
      bySize ? (opset < 13 ? numbers([]) : null) : numbers(scales),
      bySize ? ints(sizes) : null,
    ),
    attributes: {
      mode,
      coordinate_transformation_mode: crops ? 'tf_crop_and_resize' : coordinate,
      ...(mode === 'nearest' && { nearest_mode: at.nearest }),
      ...(mode === 'cubic' && { cubic_coeff_a: at.coefficient, exclude_outside: at.exclude ? 1 : 0 }),
      ...(crops && { extrapolation_value: { float: 1.5 } }),
      ...(antialias && { antialias: 1 }),
      ...(partly && { axes: named }),
      ...(partly && bySize && !crops && { keep_aspect_ratio_policy: at.policy }),
    },
  };
}

const resize: Draw = (opset) =>
  fc
    .constantFrom<Drawn['mode'][]>('nearest', 'linear', ...(opset < 11 ? [] : (['cubic'] as const)))
    .chain((mode) =>
      fc
        .tuple(extents(mode), more, fc.constantFrom(...coordinates(opset)))
        .map(([drawn, at, coordinate]) => formOf(opset, drawn, at, coordinate)),
    );

const upsample: Draw = (opset) =>
  fc
    .tuple(list(4, fc.integer({ min: 1, max: 4 })), list(2, fc.constantFrom(1, 1.5, 2, 3)), fc.boolean())
    .map(([of, factors, linear]): Form => {
      const scales = changing(of, [1, 1, ...factors]);
      const mode = linear ? { mode: 'linear' } : {};
      return opset < 9
        ? { inputs: [floats(of)], attributes: { scales: { floats: scales }, ...mode } }
        : { inputs: [floats(of), numbers(scales)], attributes: mode };
    });

export const resizing: Forms = { Resize: resize, Upsample: upsample };
