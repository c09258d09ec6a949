/**
 * The filter gradient dw[m, c, ky, kx] = sum over b, h, w of x[b, c, h + ky - top, w + kx - left] * dy[b, m, h, w], in blocks.
 *
 * At stride 1 it is, for each kx, a convolution whose input channels are the columns w (a block of them, of an example b at a
 * time), whose lines of pixels are the channels c, and whose filter is dy moved by kx, as high as dy and one pixel wide:
 *   y[m, ky, c] = sum over (b, w), h of x[(b, w), h + ky - top, c] * dy[b, m, h, w - kx + left]
 * So the kernel works on six pixels and four blocks of filters in registers at a time, as in the forward pass, and a filter stays
 * in the cache for a whole line. Everything else takes the form of imageSizedFilters.ts.
 */

import { constantValue } from '../constants.js';
import { sizeOf, type Value } from '../kernel.js';
import type { WindowAttributes } from '../kernels/windows.js';
import type { Recorder } from '../recorder.js';
import { reshape, transpose } from '../rewrite.js';
import { extentOf, shape4 } from '../shapes.js';
import { imageSizedFilters } from './imageSizedFilters.js';
import { blockedForm, canBlock, emitBlocked, fromBlocks, toBlocks } from './layout.js';
import { noPads, type Pads, padded, paddedPlain, padsOf } from './padding.js';
import { pickRows, rowsInOrder } from './rows.js';

/** Pieces of work that a convolution should have at least, so that threads share it evenly. */
const enoughPieces = 12;
/** Blocks of filters that the kernel takes at once. */
const blocksAtOnce = 4;

export function blockedFilterGradient(
  recorder: Recorder,
  block: number,
  x: Value,
  dy: Value,
  filterShape: readonly number[],
  attributes: WindowAttributes & { group: number },
): Value | undefined {
  if (attributes.group !== 1 || x.shape.length !== 4 || !canBlock(dy, block)) return undefined;
  const plan = planLines(block, x, filterShape, attributes);
  return plan
    ? byLines(recorder, plan, x, dy)
    : imageSizedFilters(recorder, block, x, dy, filterShape, attributes);
}

/** How rows of pictures become blocks: a block is `run` columns of `together` examples; a row is `parts` blocks long. */
interface LinePlan {
  readonly block: number;
  /** Columns of a row, with zeros at its end. */
  readonly width: number;
  readonly run: number;
  readonly together: number;
  readonly parts: number;
  /** Blocks of input channels: examples, divided by `together`. */
  readonly inputs: number;
  /** Examples are summed in so many groups apart, and the sums added in the end. */
  readonly groups: number;
  readonly filterShape: readonly [m: number, c: number, kh: number, kw: number];
  readonly pads: Pads;
}

/** More zeros than this share of a row are not worth it. */
const mostZeros = 0.25;

/** Undefined where the form does not apply. */
function planLines(
  block: number,
  x: Value,
  filterShape: readonly number[],
  window: WindowAttributes,
): LinePlan | undefined {
  const [batch, , , columns] = shape4(x.shape);
  const [m, c, kh, kw] = shape4(filterShape);
  const pads = padsOf(window);
  const run = columns > block / 2 ? block : 2 ** Math.ceil(Math.log2(columns));
  const width = Math.ceil(columns / run) * run;
  const together = block / run;
  const fits =
    [...window.strides, ...window.dilations].every((step) => step === 1) &&
    batch % together === 0 &&
    columns >= (1 - mostZeros) * width &&
    pads.left < kw &&
    pads.right < kw;
  if (!fits) return undefined;
  const inputs = batch / together;
  const pieces = Math.ceil(m / block / blocksAtOnce) * kh;
  const groups = divisorFrom(inputs, Math.ceil(enoughPieces / pieces));
  return {
    block,
    width,
    run,
    together,
    parts: width / run,
    inputs,
    groups,
    filterShape: [m, c, kh, kw],
    pads,
  };
}

/** The smallest divisor of n that is at least `least`, or n. */
function divisorFrom(n: number, least: number): number {
  let divisor = Math.min(n, least);
  while (n % divisor !== 0) divisor++;
  return divisor;
}

function byLines(recorder: Recorder, plan: LinePlan, x: Value, dy: Value): Value {
  const { block, parts, groups, inputs, pads } = plan;
  const [m, c, kh, kw] = plan.filterShape;
  const lines = extentOf(x.shape, 2) * parts;
  const picture = reshape(recorder, linesOf(recorder, plan, x), [1, inputs * block, lines, c]);
  const rows = extentOf(dy.shape, 2) * parts;
  const geometry = {
    kernel_shape: [rows, 1],
    strides: [parts, 1],
    pads: [pads.top * parts, 0, pads.bottom * parts, 0],
    dilations: [1, 1],
    group: groups,
  };
  const planes = dyPlanes(recorder, plan, dy);
  const products = Array.from({ length: kw }, (_, kx) => {
    const moved = movedColumns(recorder, plan, planes, kx);
    const filter = reshape(recorder, moved, [groups * m, (inputs * block) / groups, rows, 1]);
    const out = { shape: [1, groups * m, kh, c], dtype: 'float32' } as const;
    const product = emitBlocked(recorder, 'Conv', [picture, filter], out, geometry);
    return reshape(recorder, product, [1, groups, m / block, kh, c, block]);
  });
  const stacked = { shape: [kw, groups, m / block, kh, c, block], dtype: 'float32' } as const;
  const [first] = products;
  const all = first && kw === 1 ? first : recorder.node('Concat', products, stacked, { axis: 0 });
  const blocks = groups === 1 ? reshape(recorder, all, [kw, m / block, kh, c, block]) : summed(recorder, all);
  return reshape(recorder, transpose(recorder, blocks, [1, 4, 3, 2, 0]), plan.filterShape);
}

/** Over axis 1, the groups. */
function summed(recorder: Recorder, x: Value): Value {
  const out = { shape: x.shape.filter((_, axis) => axis !== 1), dtype: x.dtype };
  return recorder.node('ReduceSum', [x, recorder.int64([1])], out, { keepdims: 0 });
}

/** x [B, C, H, W] as [inputs, H parts, C, block]. */
function linesOf(recorder: Recorder, plan: LinePlan, x: Value): Value {
  const { block, width, run, together, parts, inputs } = plan;
  const [batch, c, height, columns] = shape4(x.shape);
  const blocked = blockedForm(recorder, x);
  const channels = blocked ? block : 1;
  const depth = c / channels;
  const extra = { ...noPads, right: width - columns };
  const wide = blocked ? padded(recorder, blocked, extra) : paddedPlain(recorder, x, extra);
  // Pieces of `run` columns (of a block of channels, if x is in blocks) change places; then channels and columns do.
  const size = run * channels;
  const pieces = reshape(recorder, wide, [(batch * c * height * width) / size, size]);
  const order = rowsInOrder(
    [inputs, height * parts, depth, together],
    ([example, row, channel, which]) =>
      ((example * together + which) * depth + channel) * height * parts + row,
  );
  const picked = pickRows(recorder, pieces, order);
  if (!blocked) return picked;
  return fromBlocks(recorder, reshape(recorder, picked, [inputs * height * parts * depth, block, 1, block]));
}

/** dy [B, M, H, W] in blocks as pictures of one block of channels, in the order groups, M, inputs, H, together, W. */
function dyPlanes(recorder: Recorder, { block, together, groups, inputs }: LinePlan, dy: Value): Value {
  const [batch, m, height, width] = shape4(dy.shape);
  const depth = m / block;
  // Whole pictures change places, or single rows where several make a block.
  const rows = together === 1 ? 1 : height;
  const pieces = reshape(recorder, toBlocks(recorder, dy), [
    batch * depth * rows,
    sizeOf(dy.shape) / (batch * depth * rows),
  ]);
  const order = rowsInOrder(
    [groups, depth, inputs / groups, rows, together],
    ([group, channel, example, row, which]) => {
      const at = (group * (inputs / groups) + example) * together + which;
      return (at * depth + channel) * rows + row;
    },
  );
  return reshape(recorder, pickRows(recorder, pieces, order), [
    (batch * depth) / together,
    block,
    height * together,
    width,
  ]);
}

/**
 * Blocked pictures with their columns moved, zeros moving in: y[w] = x[w - kx + left], as wide as the plan says. A depthwise convolution
 * with a single 1 in each filter: many threads do it in one pass.
 */
function movedColumns(
  recorder: Recorder,
  { filterShape: [, , , kw], pads, width }: LinePlan,
  x: Value,
  kx: number,
): Value {
  const before = kw - 1 - pads.left;
  const [count, channels, height, columns] = shape4(x.shape);
  if (kx === pads.left && width === columns) return x;
  // In blocks a depthwise filter is stored tap by tap.
  const tap = kw - 1 - kx;
  const only = Float32Array.from({ length: kw * channels }, (_, i) =>
    Math.floor(i / channels) === tap ? 1 : 0,
  );
  return emitBlocked(
    recorder,
    'Conv',
    [x, constantValue(only, [channels, 1, 1, kw], 'float32')],
    { shape: [count, channels, height, width], dtype: 'float32' },
    {
      kernel_shape: [1, kw],
      strides: [1, 1],
      pads: [0, before, 0, width + kw - 1 - before - columns],
      dilations: [1, 1],
      group: channels,
    },
  );
}
