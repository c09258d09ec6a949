/**
 * The filter gradient dw[m, c, k] = sum over b, l of x[b, c, stride * l + dilation * k - pad] * dy[b, m, l] as a blocked
 * convolution: examples play the channels, channels the examples, dy is the (image-sized) filter, its taps `stride` apart
 * and its outputs `dilation`. In the plain layout this is the slowest form; here it runs at the rate of a matrix product.
 */
import { zip } from '../../lists/zip.js';
import type { Value } from '../kernel.js';
import { type WindowAttributes, windowAxes } from '../kernels/windows.js';
import type { Recorder } from '../recorder.js';
import { reshape, transpose } from '../rewrite.js';
import { shape4 } from '../shapes.js';
import { emitBlocked, toBlocks } from './layout.js';
import { padded, padsOf } from './padding.js';
import { pickRows } from './rows.js';

/** How far the windows go along an axis: padding at the end, and the outputs that they make. */
interface FilterReach {
  readonly end: number;
  readonly taps: number;
}

export function imageSizedFilters(
  recorder: Recorder,
  block: number,
  x: Value,
  dy: Value,
  filterShape: readonly number[],
  window: WindowAttributes,
): Value | undefined {
  const [batch, c] = shape4(x.shape);
  const [m, , kh, kw] = shape4(filterShape);
  if (batch % block !== 0) return undefined;
  const outputs = dy.shape.slice(2);
  // Only as much padding as the windows reach. Rows of x that none reaches would make further outputs; they are cut off.
  const reaches = zip(outputs, x.shape.slice(2), windowAxes(window)).map(([outputExtent, extent, axis]) => {
    const field = (outputExtent - 1) * axis.stride + 1;
    const before = axis.begin + extent;
    const end = Math.max(0, field + axis.field - 1 - before);
    return { end, taps: Math.floor((before + end - field) / axis.dilation) + 1 };
  });
  const [vertical, horizontal] = reaches as [FilterReach, FilterReach];
  const taps = [vertical.taps, horizontal.taps];
  const reached = { ...padsOf(window), bottom: vertical.end, right: horizontal.end };
  const product = emitBlocked(
    recorder,
    'Conv',
    [padded(recorder, examplesAsChannels(recorder, block, x), reached), filterOf(recorder, block, dy)],
    { shape: [c, m, ...taps], dtype: 'float32' },
    {
      kernel_shape: outputs,
      strides: window.dilations,
      pads: [0, 0, 0, 0],
      dilations: window.strides,
      group: 1,
    },
  );
  const blocks = cut(recorder, reshape(recorder, product, [c, m / block, ...taps, block]), taps, [kh, kw]);
  return reshape(recorder, transpose(recorder, blocks, [1, 4, 0, 2, 3]), filterShape);
}

/** x [B, C, H, W] as the blocked form of [C, B, H, W]. */
function examplesAsChannels(recorder: Recorder, block: number, x: Value): Value {
  const [batch, c, height, width] = shape4(x.shape);
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
  const [batch, m, height, width] = shape4(dy.shape);
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
  const shape = [...x.shape.slice(0, 2), ...wanted, ...x.shape.slice(4)];
  const operands = [[0, 0], wanted, [2, 3]].map((values) => recorder.int64(values));
  return recorder.node('Slice', [x, ...operands], { shape, dtype: x.dtype });
}
