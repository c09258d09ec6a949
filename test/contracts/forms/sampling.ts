/** Sampling between the elements: along grids, in regions, under moved kernels; and the grids themselves. */
import fc from 'fast-check';
import { type Draw, type Form, type Forms, floats, inputs, ints, number } from './draw.js';

const list = <T>(count: number, each: fc.Arbitrary<T>) =>
  fc.array(each, { minLength: count, maxLength: count });
const small = fc.integer({ min: 1, max: 2 });

/** Normalized coordinates of all elements and of the middles between them, where slopes and nearest neighbours change. */
function kinks(extents: readonly number[], aligned: boolean): number[] {
  return extents.flatMap((n) =>
    [...Array(2 * n + 9).keys()].map((k) => {
      const x = k / 2 - 2;
      return aligned ? (2 * x) / Math.max(1, n - 1) - 1 : (2 * x + 1) / n - 1;
    }),
  );
}

/** onnxruntime samples images and volumes, and volumes not cubically. Cubic border leaves off the rim, where engines disagree. */
const gridSample: Draw = (opset) =>
  fc
    .record({
      rank: fc.constantFrom(2, ...(opset >= 20 ? [3] : [])),
      mode: fc.constantFrom(0, 1, 2),
      padding: fc.constantFrom('zeros', 'border', 'reflection'),
      aligned: fc.boolean(),
      extents: list(3, fc.integer({ min: 2, max: 4 })),
      out: list(3, small),
      leading: list(2, small),
    })
    .filter(({ rank, mode }) => rank === 2 || mode !== 2)
    .map(({ rank, mode, padding, aligned, leading, ...at }): Form => {
      const extents = at.extents.slice(0, rank);
      const names = opset < 20 ? ['nearest', 'bilinear', 'bicubic'] : ['nearest', 'linear', 'cubic'];
      const inside = mode === 2 && padding === 'border';
      const between = inside ? ([-0.7, 0.7] as const) : ([-1.6, 1.5] as const);
      return {
        inputs: [
          floats([...leading, ...extents]),
          floats([leading[0]!, ...at.out.slice(0, rank), rank], {
            between,
            clearOf: kinks(extents, aligned),
          }),
        ],
        attributes: { mode: names[mode]!, padding_mode: padding, align_corners: aligned ? 1 : 0 },
      };
    });

const affineGrid: Draw = () =>
  fc
    .tuple(fc.constantFrom(2, 3), small, list(3, fc.integer({ min: 2, max: 4 })), fc.constantFrom(0, 1))
    .map(([rank, batch, extents, align_corners]) => ({
      inputs: [floats([batch, rank, rank + 1]), ints([batch, 1, ...extents.slice(0, rank)])],
      attributes: { align_corners },
    }));

/** Without the gradient of a maximum, which has a kink wherever two weighted neighbours are equal. */
const roiAlign: Draw = (opset) =>
  fc
    .record({
      images: small,
      extents: list(2, fc.integer({ min: 3, max: 6 })),
      corners: list(2, list(4, number(0.2, 2))),
      out: list(2, small),
      ratio: fc.integer({ min: 0, max: 2 }),
      scale: fc.constantFrom(0.55, 1),
      shifts: fc.boolean(),
      pooled: fc.constantFrom('avg', 'max'),
    })
    .map(({ images, extents, corners, out, ratio, scale, shifts, pooled }): Form => {
      const regions = corners.map(([x, y, w, h]) => [x!, y!, x! + w! + 0.31, y! + h! + 0.37]);
      return {
        inputs: [
          floats([images, 2, ...extents], pooled === 'max' ? { gradient: false } : {}),
          { numbers: regions.flat(), shape: [2, 4] },
          ints([0, images - 1]),
        ],
        attributes: {
          output_height: out[0]!,
          output_width: out[1]!,
          sampling_ratio: ratio,
          spatial_scale: { float: scale },
          mode: pooled,
          ...(opset >= 16 && { coordinate_transformation_mode: shifts ? 'half_pixel' : 'output_half_pixel' }),
        },
      };
    });

/** Offsets off whole numbers, where slopes change. onnxruntime moves kernels over images only. */
const deformConv: Draw = () =>
  fc
    .record({
      batch: small,
      group: small,
      offsetGroup: small,
      filters: small,
      extents: list(2, fc.integer({ min: 3, max: 5 })),
      kernel: list(2, small),
      strides: list(2, small),
      dilations: list(2, small),
      pads: list(4, fc.nat(1)),
      biased: fc.boolean(),
      masked: fc.boolean(),
    })
    .map(
      ({ batch, group, offsetGroup, filters, extents, kernel, strides, dilations, pads, biased, masked }) => {
        const out = extents.map((n, i) =>
          Math.floor((n + pads[i]! + pads[2 + i]! - dilations[i]! * (kernel[i]! - 1) - 1) / strides[i]! + 1),
        );
        const elements = kernel[0]! * kernel[1]! * offsetGroup;
        const channels = group * offsetGroup;
        return {
          inputs: inputs(
            floats([batch, channels, ...extents]),
            floats([group * filters, offsetGroup, ...kernel]),
            floats([batch, 2 * elements, ...out], { between: [-1.4, 1.4], clearOf: [-1, 0, 1] }),
            biased ? floats([group * filters]) : null,
            masked ? floats([batch, elements, ...out], { between: [0.1, 1] }) : null,
          ),
          attributes: { group, offset_group: offsetGroup, strides, dilations, pads },
        };
      },
    );

export const sampling: Forms = {
  GridSample: gridSample,
  AffineGrid: affineGrid,
  RoiAlign: roiAlign,
  DeformConv: deformConv,
};
