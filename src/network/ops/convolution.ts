/** Conv and ConvTranspose (ONNX): any number of spatial axes up to three, groups, dilations, strides, uneven pads. */
import type * as tf from '@tensorflow/tfjs';
import { conv, convGradInput } from '../../compile/kernels/conv.js';
import { int, ints } from '../attributes.js';
import {
  refuseDilatedSame,
  refuseMisfit,
  refuseSparseSame,
  resolveWindow,
  windowAttributes,
  windowRefusals,
} from '../geometry.js';
import { defineOperator, UnsupportedForm } from '../operator.js';

const convolutionAttributes = { ...windowAttributes, kernel_shape: ints(), dilations: ints(), group: int(1) };

/**
 * Elements that windows under "same" may skip: half of them, rounded towards zero, would be cut off the begin, where
 * onnxruntime then starts; TensorFlow starts at the first element. Strided 1 x 1 kernels skip one.
 */
const unshifted = { SAME_UPPER: 1, SAME_LOWER: 2 };

/**
 * Y[n, m, o] = B[m] + sum over c, k of W[m, c, k] X[n, g * C / group + c, o * stride - pad + k * dilation]: g is the group
 * of m, and o and k have as many axes as the image. X [N, C, ...], W [M, C / group, ...], Y [N, M, ...].
 */
export const Conv = defineOperator({
  type: 'Conv',
  since: [1, 11, 22],
  inputs: ['X', 'W', 'B?'],
  roles: { W: 'weight', B: 'bias' },
  attributes: convolutionAttributes,
  check: windowRefusals,
  evaluate({ X, W, B }, attributes) {
    const { group, kernel_shape = W.shape.slice(2) } = attributes;
    checkFilter(W, kernel_shape);
    if (X.shape[1] !== W.shape[1]! * group || W.shape[0]! % group !== 0)
      throw new UnsupportedForm(`input [${X.shape}] does not fit filter [${W.shape}] in ${group} groups`);
    const window = resolveWindow(X.shape.slice(2), kernel_shape, attributes);
    refuseDilatedSame(window, attributes.auto_pad);
    refuseSparseSame(X.shape.slice(2), window, attributes.auto_pad, unshifted);
    refuseMisfit(X.shape.slice(2), window);
    const { strides, pads, dilations } = window;
    return withBias(conv(X, W, { strides, pads, dilations, group }), B);
  },
  gradient: 'yes',
});

/**
 * The adjoint of Conv: Y[n, m, p] = B[m] + the sum of W[c, m, k] X[n, c, o] over the channels c of the group of m and all o,
 * k with o * stride - pad + k * dilation = p. X [N, C, ...], W [C, M / group, ...], Y [N, M, ...].
 */
export const ConvTranspose = defineOperator({
  type: 'ConvTranspose',
  since: [1, 11, 22],
  inputs: ['X', 'W', 'B?'],
  roles: { W: 'weight', B: 'bias' },
  attributes: { ...convolutionAttributes, output_padding: ints(), output_shape: ints() },
  check: windowRefusals,
  evaluate({ X, W, B }, attributes) {
    const rank = X.shape.length - 2;
    const { group, kernel_shape = W.shape.slice(2) } = attributes;
    checkFilter(W, kernel_shape);
    if (X.shape[1] !== W.shape[0])
      throw new UnsupportedForm(`input [${X.shape}] does not fit filter [${W.shape}]`);
    const { strides, dilations } = resolveWindow(X.shape.slice(2), kernel_shape, {
      ...attributes,
      auto_pad: 'VALID',
    });
    const { output_padding = Array<number>(rank).fill(0), output_shape } = attributes;
    if (output_padding.length !== rank || output_padding.some((extent) => extent < 0))
      throw new UnsupportedForm(`output_padding [${output_padding}] for ${rank} spatial axes`);
    if (output_shape && ![rank, rank + 2].includes(output_shape.length))
      throw new UnsupportedForm(`output_shape [${output_shape}] for ${rank} spatial axes`);
    const full = kernel_shape.map(
      (k, i) => (X.shape[2 + i]! - 1) * strides[i]! + (k - 1) * dilations[i]! + 1 + output_padding[i]!,
    );
    const { output, pads } = transposedOutput(full, X.shape.slice(2), strides, attributes);
    if (output.some((extent) => extent < 1))
      throw new UnsupportedForm(`pads [${pads}] leave nothing of [${full}]`);
    // The adjoint of a convolution maps back to that convolution's input: batch, channels of all groups, extents.
    const shape = [X.shape[0]!, W.shape[1]! * group, ...output];
    return withBias(convGradInput(X, W, { strides, pads, dilations, group }, shape), B);
  },
  gradient: 'yes',
});

/** Extents of the result, and what is cut from the full one: given pads, or those that meet a wanted extent. */
function transposedOutput(
  full: readonly number[],
  input: readonly number[],
  strides: readonly number[],
  {
    auto_pad,
    pads = full.flatMap(() => [0, 0]),
    output_shape,
  }: { auto_pad: string; pads?: number[] | undefined; output_shape: number[] | undefined },
): { output: number[]; pads: number[] } {
  const rank = full.length;
  const wanted =
    output_shape?.slice(-rank) ??
    (auto_pad.startsWith('SAME') ? input.map((n, i) => Math.min(n * strides[i]!, full[i]!)) : undefined);
  if (!wanted) {
    const cut = auto_pad === 'VALID' ? full.flatMap(() => [0, 0]) : pads;
    return { output: full.map((extent, i) => extent - cut[i]! - cut[rank + i]!), pads: cut };
  }
  const total = full.map((extent, i) => Math.max(0, extent - wanted[i]!));
  const less = total.map((n) => Math.floor(n / 2));
  const more = total.map((n, i) => n - less[i]!);
  return { output: wanted, pads: auto_pad === 'SAME_UPPER' ? [...less, ...more] : [...more, ...less] };
}

function checkFilter(W: tf.Tensor, kernelShape: readonly number[]): void {
  if (W.shape.slice(2).join() !== kernelShape.join())
    throw new UnsupportedForm(`kernel_shape [${kernelShape}] does not fit filter [${W.shape}]`);
}

function withBias(y: tf.Tensor, bias: tf.Tensor | undefined): tf.Tensor {
  if (bias && (bias.rank !== 1 || bias.size !== y.shape[1]))
    throw new UnsupportedForm(`bias [${bias.shape}] for ${y.shape[1]} channels`);
  return bias ? y.add(bias.reshape([bias.size, ...Array<number>(y.rank - 2).fill(1)])) : y;
}
