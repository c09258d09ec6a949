/** Sliding windows, for convolution and pooling. */
import fc from 'fast-check';
import type { Form } from './draw.js';

export interface Window {
  /** Spatial extents of the input. */
  extents: number[];
  kernel: number[];
  /** Strides, dilations, pads, auto_pad; each absent at times, then `at` has its default. */
  attributes: NonNullable<Form['attributes']>;
  at: { strides: number[]; dilations: number[]; pads: number[]; auto_pad: string };
}

interface Limits {
  /** Whether the operator set knows dilations. */
  dilated?: boolean;
  /** Fewest input elements along an axis: by default the window fits. */
  smallest?: number;
}

const list = (rank: number, each: fc.Arbitrary<number>) =>
  fc.array(each, { minLength: rank, maxLength: rank });

/** Pads stay below the kernel, as ONNX asks of pooling. "same" comes without dilations: engines disagree on those. */
export function window({ dilated = true, smallest = 1 }: Limits = {}): fc.Arbitrary<Window> {
  return fc.integer({ min: 1, max: 3 }).chain((rank) =>
    fc
      .record({
        extents: list(rank, fc.integer({ min: smallest, max: [9, 6, 4][rank - 1]! })),
        kernel: list(rank, fc.integer({ min: 1, max: 3 })),
        strides: fc.option(list(rank, fc.integer({ min: 1, max: 4 }))),
        dilations: dilated ? fc.option(list(rank, fc.integer({ min: 1, max: 3 }))) : fc.constant(null),
        pads: fc.option(list(2 * rank, fc.nat(2)), { freq: 3 }),
        autoPad: fc.option(fc.constantFrom('NOTSET', 'VALID', 'SAME_UPPER', 'SAME_LOWER'), { freq: 2 }),
      })
      .map(({ extents, kernel, strides, dilations, pads, autoPad }) => {
        const ones = Array<number>(rank).fill(1);
        const padded = autoPad === null || autoPad === 'NOTSET';
        const spread = autoPad?.startsWith('SAME') ? null : dilations;
        const given = padded && pads ? pads.map((n, i) => Math.min(n, kernel[i % rank]! - 1)) : null;
        return {
          extents,
          kernel,
          attributes: {
            ...(strides && { strides }),
            ...(spread && { dilations: spread }),
            ...(given && { pads: given }),
            ...(autoPad !== null && { auto_pad: autoPad }),
          },
          at: {
            strides: strides ?? ones,
            dilations: spread ?? ones,
            pads: given ?? [...ones, ...ones].fill(0),
            auto_pad: autoPad ?? 'NOTSET',
          },
        };
      }),
  );
}

/** Whether at least one window lies in the padded input. */
export function fits({ extents, kernel, at: { dilations, pads, auto_pad } }: Window): boolean {
  if (auto_pad.startsWith('SAME')) return true;
  const { length } = extents;
  return extents.every(
    (extent, i) => extent + pads[i]! + pads[length + i]! > (kernel[i]! - 1) * dilations[i]!,
  );
}

/**
 * How many elements the windows of "same" skip along the axis where they skip most; below zero they overlap. Temper refuses
 * the forms for which engines disagree: pooling that skips any, convolutions that would begin inside the input.
 */
export function skipped({ extents, kernel, at }: Window): number {
  if (!at.auto_pad.startsWith('SAME')) return 0;
  return Math.max(
    ...extents.map((n, i) => n - kernel[i]! - (Math.ceil(n / at.strides[i]!) - 1) * at.strides[i]!),
  );
}

/** Whether some window finds nothing but padding, which dilation makes possible; Temper refuses it in pooling. */
export function misses({ extents, kernel, at }: Window): boolean {
  const { strides, dilations, pads } = at;
  return extents.some((n, i) => {
    const inside = (first: number) =>
      [...Array(kernel[i]!).keys()].some((k) => {
        const position = first + k * dilations[i]!;
        return position >= 0 && position < n;
      });
    for (let first = -pads[i]!; first < n; first += strides[i]!) if (!inside(first)) return true;
    return false;
  });
}
