/**
 * The filter gradient dw[m, c, k] = sum over b, l of x[b, c, stride * l + dilation * k - pad] * dy[b, m, l] as a blocked
 * convolution: examples play the channels, channels the examples, dy is the (image-sized) filter, its taps `stride` apart
 * and its outputs `dilation`. In the plain layout this is the slowest form; here it runs at the rate of a matrix product.
 */
import type { Value } from '../kernel.js';
import type { WindowAttributes } from '../kernels/windows.js';
import type { Recorder } from '../recorder.js';
import { reshape, transpose } from '../rewrite.js';
import { emitBlocked, toBlocks } from './layout.js';
import { padded } from './padding.js';
import { pickRows } from './rows.js';

export function imageSizedFilters(
  recorder: Recorder,
  block: number,
  x: Value,
  dy: Value,
  filterShape: readonly number[],
  { strides, pads, dilations }: WindowAttributes,
): Value | undefined {
  const [batch, c] = x.shape as [number, number];
  const [m, , kh, kw] = filterShape as [number, number, number, number];
  if (batch % block !== 0) return undefined;
  const [outH, outW] = dy.shape.slice(2) as [number, number];
  // Only as much padding as the windows reach. Rows of x that none reaches would make further outputs; they are cut off.
  const geometry = [0, 1].map((i) => {
    const field = ([outH, outW][i]! - 1) * strides[i]! + 1;
    const before = x.shape[2 + i]! + pads[i]!;
    const end = Math.max(0, field + ([kh, kw][i]! - 1) * dilations[i]! - before);
    return { end, taps: Math.floor((before + end - field) / dilations[i]!) + 1 };
  });
  const taps = geometry.map((axis) => axis.taps) as [number, number];
  const reached = [pads[0]!, pads[1]!, ...geometry.map((axis) => axis.end)];
  const product = emitBlocked(
    recorder,
    'Conv',
    [padded(recorder, examplesAsChannels(recorder, block, x), reached), filterOf(recorder, block, dy)],
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
  const pieces = pickRows(
    recorder,
    reshape(recorder, rows, [(batch / block) * c, height * width * block]),
    Array.from(
      { length: (batch / block) * c },
      (_, i) => (i % (batch / block)) * c + Math.floor(i / (batch / block)),
    ),
  );
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

/** The first `wanted` of the taps, along the third and fourth axis. */
function cut(recorder: Recorder, x: Value, taps: readonly number[], wanted: readonly number[]): Value {
  if (taps.every((extent, i) => extent === wanted[i])) return x;
  const shape = x.shape.map((extent, axis) => (axis === 2 || axis === 3 ? wanted[axis - 2]! : extent));
  const operands = [[0, 0], wanted, [2, 3]].map((values) => recorder.int64(values));
  return recorder.emit('Slice', [x, ...operands], [{ shape, dtype: x.dtype }])[0]!;
}
