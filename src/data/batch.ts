/**
 * Examples into the input buffer of a training step: normalised, and for training cropped from a padded picture and
 * mirrored. As PyTorch's RandomCrop does, the border is raw 0 (black), which is then normalised like any pixel.
 */
import { type Dataset, exampleSize, type Picture, pictureShape } from './dataset.js';
import { type Normalization, ofChannel, pixelTable } from './normalize.js';

export interface Augmentation {
  /** Pixels of border on each side; the window moves by -crop .. +crop in both directions. 0 = no crop. */
  crop: number;
  /** Mirror left and right with probability 1/2. */
  flip: boolean;
}

/**
 * Writes the examples `indices` of `dataset` to `out` (indices.length x prod(shape), planar), one after the other.
 * `words` are the random numbers of the augmentation: one 32-bit word per example (see `augmentationWords`).
 */
export function fillBatch(
  dataset: Pick<Dataset, 'examples' | 'shape'>,
  indices: ArrayLike<number>,
  normalization: Normalization,
  out: Float32Array,
  augmentation?: Augmentation,
  words?: ArrayLike<number>,
): void {
  const { examples } = dataset;
  const size = exampleSize(dataset.shape);
  requireLength('batch buffer', out.length, indices.length * size);
  const augments = augmentation !== undefined && (augmentation.crop > 0 || augmentation.flip);
  if (augments) requireLength('random words', words?.length ?? 0, indices.length);
  const picture = pictureShape(dataset.shape);
  const plane = picture.height * picture.width;
  const channels = Array.from({ length: picture.channels }, (_, c) =>
    examples instanceof Uint8Array
      ? byteRows(examples, pixelTable(normalization, c), out)
      : floatRows(examples, normalization, c, out),
  );
  for (let i = 0; i < indices.length; i++) {
    const from = indices[i]! * size;
    if (!(from >= 0 && from + size <= examples.length))
      throw new RangeError(`there is no example ${indices[i]} in this data set`);
    const view = augments ? viewOf(words?.[i] ?? 0, augmentation) : undefined;
    for (const [c, channel] of channels.entries()) {
      if (view === undefined) channel.row(from + c * plane, i * size + c * plane, plane, 1);
      else fillView(channel, from + c * plane, i * size + c * plane, picture, view, out);
    }
  }
}

/** Copies runs of values of one channel, normalised; `border` is what raw 0 becomes. */
interface Rows {
  border: number;
  /** examples[from ...] to out[to], out[to + step], ...: `step` -1 mirrors. */
  row(from: number, to: number, count: number, step: 1 | -1): void;
}

function byteRows(examples: Uint8Array, table: Float32Array, out: Float32Array): Rows {
  return {
    border: table[0] ?? 0,
    row(from, to, count, step) {
      for (let i = 0; i < count; i++, to += step) out[to] = table[examples[from + i]!]!;
    },
  };
}

function floatRows(
  examples: Float32Array,
  normalization: Normalization,
  channel: number,
  out: Float32Array,
): Rows {
  const [m, s] = ofChannel(normalization, channel);
  return {
    border: (0 - m) / s,
    row(from, to, count, step) {
      for (let i = 0; i < count; i++, to += step) out[to] = (examples[from + i]! - m) / s;
    },
  };
}

/** Where the window starts relative to the picture, and whether it is mirrored. */
interface Crop {
  dy: number;
  dx: number;
  mirror: boolean;
}

/** Bits 0-14 choose the column, 15-29 the row (each offset has its probability to within 2^-15), bit 31 mirrors. */
function viewOf(word: number, { crop, flip }: Augmentation): Crop {
  const offsets = 2 * crop + 1;
  const pick = (bits: number) => Math.floor((bits * offsets) / 0x8000) - crop;
  return { dx: pick(word & 0x7fff), dy: pick((word >>> 15) & 0x7fff), mirror: flip && word >>> 31 === 1 };
}

function fillView(
  channel: Rows,
  from: number,
  to: number,
  { height, width }: Picture,
  { dy, dx, mirror }: Crop,
  out: Float32Array,
): void {
  if (dx !== 0 || dy !== 0) out.fill(channel.border, to, to + height * width);
  const left = Math.max(0, -dx);
  const count = width - Math.abs(dx);
  for (let y = Math.max(0, -dy); y < Math.min(height, height - dy); y++) {
    const source = from + (y + dy) * width + left + dx;
    if (mirror) channel.row(source, to + y * width + width - 1 - left, count, -1);
    else channel.row(source, to + y * width + left, count, 1);
  }
}

function requireLength(what: string, length: number, expected: number): void {
  if (length !== expected) throw new RangeError(`${what}: ${length} values, expected ${expected}`);
}

/** The class of each of `indices`. */
export function fillLabels(
  dataset: Pick<Dataset, 'labels'>,
  indices: ArrayLike<number>,
  out: Int32Array,
): void {
  requireLength('label buffer', out.length, indices.length);
  for (let i = 0; i < indices.length; i++) out[i] = dataset.labels[indices[i]!]!;
}

/** The regression target of each of `indices`: indices.length x prod(targetShape). */
export function fillTargets(
  { targets, targetShape }: Pick<Dataset, 'targets' | 'targetShape'>,
  indices: ArrayLike<number>,
  out: Float32Array,
): void {
  if (targets === undefined) throw new RangeError('this data set has classes, not regression targets');
  const size = exampleSize(targetShape ?? []);
  requireLength('target buffer', out.length, indices.length * size);
  for (let i = 0; i < indices.length; i++)
    out.set(targets.subarray(indices[i]! * size, (indices[i]! + 1) * size), i * size);
}
