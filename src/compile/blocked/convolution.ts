/** Convolution, and per-channel scale and shift as a depthwise 1x1 convolution, in the blocked layout. */
import type { AttributeValue } from '../../onnx/build.js';
import { numberOf } from '../attributes.js';
import { sizeOf, type Value, type ValueSpec } from '../kernel.js';
import type { Recorder } from '../recorder.js';
import { reshape, transpose } from '../rewrite.js';
import { extentOf, shape4 } from '../shapes.js';
import { blockedForm, emitBlocked, fromBlocks, pointwise, toBlocks } from './layout.js';

/** Conv(x, w) or Conv(x, w, bias); undefined where the blocked kernels do not apply. */
export function blockedConvolution(
  recorder: Recorder,
  block: number,
  [x, w, bias]: readonly (Value | undefined)[],
  out: ValueSpec,
  attributes: Readonly<Record<string, AttributeValue>>,
): Value | undefined {
  if (!x || !w || x.shape.length !== 4) return undefined;
  const [outChannels, channels] = shape4(w.shape);
  if (outChannels % block !== 0) return undefined;
  const group = numberOf(attributes, 'group');
  const filter = blockedFilter(recorder, block, w, group);
  if (!filter) return undefined;
  // Fewer channels than a block: the kernel reads plain pictures.
  const input = group === 1 && channels < block ? x : toBlocks(recorder, x);
  return fromBlocks(recorder, emitBlocked(recorder, 'Conv', [input, filter, bias], out, { ...attributes }));
}

/** OIHWBiBo: both channel axes in blocks, innermost; OIHWBo for few input channels and for depthwise filters. */
function blockedFilter(recorder: Recorder, block: number, w: Value, group: number): Value | undefined {
  const [m, c, h, width] = shape4(w.shape);
  const split = (shape: number[], perm: number[]) =>
    reshape(recorder, transpose(recorder, reshape(recorder, w, shape), perm), w.shape);
  if ((group === 1 && c < block) || (c === 1 && group === m)) {
    return split([m / block, block, c, h, width], [0, 2, 3, 4, 1]);
  }
  if (group !== 1 || c % block !== 0) return undefined;
  return split([m / block, block, c / block, block, h, width], [0, 2, 4, 5, 3, 1]);
}

/** gain * x + offset of every channel, in one pass over x (blocked). Gain and offset have C elements. */
export function scaleChannels(
  recorder: Recorder,
  x: Value,
  gain: Value | undefined,
  offset: Value | undefined,
): Value {
  const channels = extentOf(x.shape, 1);
  const filter = gain ? reshape(recorder, gain, [channels, 1, 1, 1]) : recorder.ones([channels, 1, 1, 1]);
  const bias = offset && reshape(recorder, offset, [channels]);
  return emitBlocked(recorder, 'Conv', [x, filter, bias], x, { ...pointwise, group: channels });
}

/** x [B, C, H, W] times y of C elements in all, or plus y; a convolution just made takes the addend as its bias. */
export function overChannels(
  recorder: Recorder,
  opType: 'Mul' | 'Add',
  x: Value,
  y: Value,
): Value | undefined {
  const channels = extentOf(x.shape, 1);
  const last = y.shape.slice(-3);
  if (sizeOf(y.shape) !== channels || last.length !== 3 || last[0] !== channels) return undefined;
  if (opType === 'Mul') return fromBlocks(recorder, scaleChannels(recorder, x, y, undefined));
  const made = recorder.definition(x);
  const [input, filter, bias, addend] = made?.inputs ?? [];
  if (made?.opType !== 'Conv' || bias || addend)
    return fromBlocks(recorder, scaleChannels(recorder, x, undefined, y));
  const operands = [input, filter, reshape(recorder, y, [channels])];
  return fromBlocks(recorder, emitBlocked(recorder, 'Conv', operands, x, { ...made.attributes }));
}

/** ONNX BatchNormalization with given statistics: scale * (x - mean) / sqrt(variance + epsilon) + shift. */
export function blockedNormalization(
  recorder: Recorder,
  [x, scale, shift, mean, variance]: readonly (Value | undefined)[],
  epsilon: number,
): Value | undefined {
  const input = blockedForm(recorder, x);
  if (!input || !scale || !shift || !mean || !variance) return undefined;
  const spec = { shape: scale.shape, dtype: 'float32' } as const;
  const node = (opType: string, ...inputs: Value[]) => recorder.node(opType, inputs, spec);
  const deviation =
    uniform(variance) === 1 && epsilon === 0
      ? undefined
      : node('Sqrt', node('Add', variance, recorder.scalar(epsilon)));
  const gain = !deviation
    ? scale
    : uniform(scale) === 1
      ? node('Reciprocal', deviation)
      : node('Mul', scale, node('Reciprocal', deviation));
  const moved = uniform(mean) === 0 ? undefined : uniform(gain) === 1 ? mean : node('Mul', mean, gain);
  const offset = !moved
    ? uniform(shift) === 0
      ? undefined
      : shift
    : uniform(shift) === 0
      ? node('Neg', moved)
      : node('Sub', shift, moved);
  return fromBlocks(recorder, scaleChannels(recorder, input, uniform(gain) === 1 ? undefined : gain, offset));
}

/** The number that all elements of a constant are, if they are. */
function uniform(value: Value): number | undefined {
  const elements = value.constant;
  return elements?.every((element) => element === elements[0]) ? elements[0] : undefined;
}
