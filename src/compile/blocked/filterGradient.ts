/**
 * The filter gradient dw[m, c, k] = sum over b, l of x[b, c, stride * l + dilation * k - pad] * dy[b, m, l] as a blocked
 * convolution: examples play the channels, channels the examples, dy is the (image-sized) filter, its taps `stride` apart
 * and its outputs `dilation`. In the plain layout this is the slowest form; here it runs at the rate of a matrix product.
 */
import type { Value } from '../kernel.js';
import type { WindowAttributes } from '../kernels/windows.js';
import type { Recorder } from '../recorder.js';
import { reshape, transpose } from '../rewrite.js';
import { canBlock, emitBlocked, fromBlocks, toBlocks } from './layout.js';

export function blockedFilterGradient(
  recorder: Recorder,
  block: number,
  [x, dy]: readonly Value[],
  filterShape: readonly number[],
  { strides, pads, dilations, group }: WindowAttributes & { group: number },
): Value | undefined {
  const [batch, c] = x!.shape as [number, number];
  if (group !== 1 || x!.shape.length !== 4 || !canBlock(dy!, block)) return undefined;
  const [m, , kh, kw] = filterShape as [number, number, number, number];
  const unit = [...strides, ...dilations].every((step) => step === 1);
  if (unit && m === block && c % block === 0)
    return fromStackedPictures(recorder, x!, dy!, filterShape, pads);
  if (batch % block !== 0) return undefined;
  const [outH, outW] = dy!.shape.slice(2) as [number, number];
  // Only as much padding as the windows reach. Rows of x that none reaches would make further outputs; they are cut off.
  const geometry = [0, 1].map((i) => {
    const field = ([outH, outW][i]! - 1) * strides[i]! + 1;
    const before = x!.shape[2 + i]! + pads[i]!;
    const end = Math.max(0, field + ([kh, kw][i]! - 1) * dilations[i]! - before);
    return { end, taps: Math.floor((before + end - field) / dilations[i]!) + 1 };
  });
  const taps = geometry.map((axis) => axis.taps) as [number, number];
  const reached = [pads[0]!, pads[1]!, ...geometry.map((axis) => axis.end)];
  const product = emitBlocked(
    recorder,
    'Conv',
    [padded(recorder, examplesAsChannels(recorder, block, x!), reached), filterOf(recorder, block, dy!)],
    { shape: [c, m, ...taps], dtype: 'float32' },
    { kernel_shape: [outH, outW], strides: dilations, pads: [0, 0, 0, 0], dilations: strides, group: 1 },
  );
  const blocks = cut(recorder, reshape(recorder, product, [c, m / block, ...taps, block]), taps, [kh, kw]);
  return reshape(recorder, transpose(recorder, blocks, [1, 4, 0, 2, 3]), filterShape);
}

/** x [B, C, H, W] as the blocked form of [C, B, H, W]. */
function examplesAsChannels(recorder: Recorder, block: number, x: Value): Value {
  const [batch, c, height, width] = x.shape as [number, number, number, number];
  // All channels of an example in one long row: blocks of examples come first, and move as large pieces.
  const rows = emitBlocked(recorder, 'ReorderInput', [reshape(recorder, x, [1, batch, c * height, width])], {
    shape: [1, batch, c * height, width],
    dtype: 'float32',
  });
  const pieces = exchanged(recorder, reshape(recorder, rows, [batch / block, c, height * width * block]));
  return reshape(recorder, pieces, [c, batch, height, width]);
}

/** dy as a filter [M, B, h, w] in OIHWBiBo. */
function filterOf(recorder: Recorder, block: number, dy: Value): Value {
  const [batch, m, height, width] = dy.shape as [number, number, number, number];
  const blocks = reshape(recorder, toBlocks(recorder, dy), [
    batch / block,
    block,
    m / block,
    height * width,
    block,
  ]);
  return reshape(recorder, transpose(recorder, blocks, [2, 0, 3, 1, 4]), [m, batch, height, width]);
}

/**
 * With one block of filters, dy of all examples stacked upon each other is one tall filter as it lies, and the padded pictures,
 * stacked too, are its input: one picture for each channel. Rows of zeros keep the examples apart.
 */
function fromStackedPictures(
  recorder: Recorder,
  x: Value,
  dy: Value,
  filterShape: readonly number[],
  pads: readonly number[],
): Value {
  const [m, c, kh, kw] = filterShape as [number, number, number, number];
  const batch = x.shape[0]!;
  const blocks = padded(recorder, toBlocks(recorder, x), pads);
  const [height, width] = blocks.shape.slice(2) as [number, number];
  const planes = exchanged(
    recorder,
    reshape(recorder, fromBlocks(recorder, blocks), [batch, c, height * width]),
  );
  const filter = padded(recorder, toBlocks(recorder, dy), [0, 0, kh - 1, 0]);
  const kernel = [batch * height, dy.shape[3]!];
  const product = emitBlocked(
    recorder,
    'Conv',
    [reshape(recorder, planes, [c, 1, batch * height, width]), reshape(recorder, filter, [m, 1, ...kernel])],
    { shape: [c, m, kh, kw], dtype: 'float32' },
    { kernel_shape: kernel, strides: [1, 1], pads: [0, 0, kh - 1, 0], dilations: [1, 1], group: 1 },
  );
  return reshape(
    recorder,
    transpose(recorder, reshape(recorder, product, [c, kh, kw, m]), [3, 0, 1, 2]),
    filterShape,
  );
}

/** x [a, b, n] with the first two axes exchanged. Gather copies rows on many threads; Transpose has one. */
function exchanged(recorder: Recorder, x: Value): Value {
  const [a, b, n] = x.shape as [number, number, number];
  const order = Array.from({ length: a * b }, (_, i) => (i % a) * b + Math.floor(i / a));
  const out = { shape: [a * b, n], dtype: 'float32' } as const;
  return recorder.emit('Gather', [reshape(recorder, x, [a * b, n]), recorder.int64(order)], [out], {
    axis: 0,
  })[0]!;
}

/** Zero padding by a depthwise 1x1 convolution with weights 1, which many threads do; Pad has one. */
function padded(recorder: Recorder, x: Value, pads: readonly number[]): Value {
  if (pads.every((pad) => pad === 0)) return x;
  const [batch, channels, height, width] = x.shape as [number, number, number, number];
  return emitBlocked(
    recorder,
    'Conv',
    [x, recorder.ones([channels, 1, 1, 1])],
    { shape: [batch, channels, height + pads[0]! + pads[2]!, width + pads[1]! + pads[3]!], dtype: 'float32' },
    { kernel_shape: [1, 1], strides: [1, 1], pads, dilations: [1, 1], group: channels },
  );
}

/** The first `wanted` of the taps, along the third and fourth axis. */
function cut(recorder: Recorder, x: Value, taps: readonly number[], wanted: readonly number[]): Value {
  if (taps.every((extent, i) => extent === wanted[i])) return x;
  const shape = x.shape.map((extent, axis) => (axis === 2 || axis === 3 ? wanted[axis - 2]! : extent));
  const operands = [[0, 0], wanted, [2, 3]].map((values) => recorder.int64(values));
  return recorder.emit('Slice', [x, ...operands], [{ shape, dtype: x.dtype }])[0]!;
}
