/**
 * The blocked layout of onnxruntime's fastest CPU kernels (NCHWc): [B, C, H, W] is stored as [B, C / c, H, W, c], c channels to
 * a vector register. Its operators live in the domain com.microsoft.nchwc; onnxruntime's own optimizer uses them where
 * filters are constant, which in training they never are, so step programs name them themselves.
 * A blocked value carries the logical shape [B, C, H, W]; elementwise operators work on it as on any other.
 */
import type { AttributeValue } from '../../onnx/build.js';
import { isSplat } from '../constants.js';
import { like, type Value, type ValueSpec } from '../kernel.js';
import type { Recorder } from '../recorder.js';
import { extentOf, shape4 } from '../shapes.js';

export const blockedDomain = 'com.microsoft.nchwc';

/** Emits a node of the blocked domain. */
export function emitBlocked(
  recorder: Recorder,
  opType: string,
  inputs: readonly (Value | undefined)[],
  out: ValueSpec,
  attributes: Record<string, AttributeValue> = {},
): Value {
  return recorder.node(opType, inputs, out, attributes, blockedDomain);
}

/** The geometry of a 1x1 convolution. */
export const pointwise = { kernel_shape: [1, 1], strides: [1, 1], pads: [0, 0, 0, 0], dilations: [1, 1] };

/** The blocked value that x was unpacked from, if it was. */
export function blockedForm(recorder: Recorder, x: Value | undefined): Value | undefined {
  const definition = x && recorder.definition(x);
  // With channels last it is a matrix (matrices.ts).
  const plain = definition?.opType === 'ReorderOutput' && definition.attributes.channels_last === undefined;
  return plain ? definition.inputs[0] : undefined;
}

export function canBlock(x: Value, block: number): boolean {
  if (x.dtype !== 'float32' || x.shape.length !== 4 || isSplat(x)) return false;
  const [, channels] = shape4(x.shape);
  return channels % block === 0;
}

/** x [B, C, H, W] in blocks. */
export function toBlocks(recorder: Recorder, x: Value): Value {
  return blockedForm(recorder, x) ?? emitBlocked(recorder, 'ReorderInput', [x], like(x));
}

/** The plain form of a blocked value. It costs nothing unless somebody reads it. */
export function fromBlocks(recorder: Recorder, x: Value): Value {
  return emitBlocked(recorder, 'ReorderOutput', [x], like(x), { channels: extentOf(x.shape, 1) });
}
