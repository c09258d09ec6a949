/** Convolution and its transpose: one to three spatial axes, groups, and every way to pad. */
import fc from 'fast-check';
import { type Draw, extent, type Form, type Forms, floats, inputs } from './draw.js';
import { fits, skipped, type Window, window } from './window.js';

const channels = fc.record({
  batch: fc.integer({ min: 1, max: 2 }),
  group: fc.integer({ min: 1, max: 3 }),
  into: fc.integer({ min: 1, max: 2 }),
  out: fc.integer({ min: 1, max: 2 }),
  biased: fc.boolean(),
  kernelGiven: fc.boolean(),
  groupGiven: fc.boolean(),
});
type Channels = typeof channels extends fc.Arbitrary<infer T> ? T : never;

/** The attributes that repeat what the operands tell may be left out; of groups, if there is one. */
function withChannels({ attributes, kernel }: Window, { group, groupGiven, kernelGiven }: Channels) {
  return {
    ...attributes,
    ...((groupGiven || group > 1) && { group }),
    ...(kernelGiven && { kernel_shape: kernel }),
  };
}

const conv: Draw = () =>
  fc
    .tuple(
      window().filter((at) => fits(at) && skipped(at) <= (at.at.auto_pad === 'SAME_UPPER' ? 1 : 2)),
      channels,
    )
    .map(([window, channels]): Form => {
      const { batch, group, into, out, biased } = channels;
      const { extents, kernel } = window;
      return {
        inputs: inputs(
          floats([batch, group * into, ...extents]),
          floats([group * out, into, ...kernel]),
          biased ? floats([group * out]) : null,
        ),
        attributes: withChannels(window, channels),
      };
    });

const more = fc.record({
  padding: fc.option(fc.array(fc.nat(2), { minLength: 3, maxLength: 3 }), { freq: 3 }),
  /** What a wanted shape cuts from the full one. */
  cut: fc.option(fc.array(extent, { minLength: 3, maxLength: 3 }), { freq: 3 }),
});

/** Whether the pads cut less than everything from the result. */
function leavesSomething({ extents, kernel, at }: Window): boolean {
  return extents.every((n, i) => {
    const full = (n - 1) * at.strides[i]! + (kernel[i]! - 1) * at.dilations[i]! + 1;
    return full > at.pads[i]! + at.pads[extents.length + i]!;
  });
}

const convTranspose: Draw = () =>
  fc
    .tuple(window().filter(leavesSomething), channels, more)
    .map(([window, channels, { padding, cut }]): Form => {
      const { batch, group, into, out, biased } = channels;
      const { extents, kernel, at } = window;
      // ONNX: the padding of an output is smaller than its stride (or dilation).
      const extra = extents.map((_, i) => Math.min(padding?.[i] ?? 0, at.strides[i]! - 1));
      const full = extents.map(
        (n, i) => (n - 1) * at.strides[i]! + (kernel[i]! - 1) * at.dilations[i]! + 1 + extra[i]!,
      );
      const wanted = cut && full.map((n, i) => Math.max(1, n + 1 - cut[i]!));
      return {
        inputs: inputs(
          floats([batch, group * into, ...extents]),
          floats([group * into, out, ...kernel]),
          biased ? floats([group * out]) : null,
        ),
        attributes: {
          ...withChannels(window, channels),
          ...(padding && { output_padding: extra }),
          ...(wanted && { output_shape: wanted }),
        },
      };
    });

export const convolution: Forms = { Conv: conv, ConvTranspose: convTranspose };
