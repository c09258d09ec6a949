/** One picture file to planar pixel bytes of the wanted size and colour (sharp). */
import sharp from 'sharp';
import { createBudget } from './budget.js';

export interface PictureTarget {
  shape: [channels: number, height: number, width: number];
  /** Scale to this shape (cover and cut from the centre); otherwise pictures must have it already. */
  scale: boolean;
  notes: string[];
}

/** What the header of a picture says. */
export interface PictureHeader {
  width: number;
  height: number;
  channels: number;
  /** Bytes of all its pixels. */
  size: number;
  /** More than one in an animation or a document; the first is taken. */
  frames: number;
}

/** No larger picture is decoded: 64 megapixels with an alpha channel. An interlaced one is in memory as a whole. */
const largest = 2 ** 28;
/** Of all pictures that are decoded at the same time. */
const budget = createBudget(largest);

/**
 * What is decoded, by how its bytes begin (and after `at` bytes), whatever the name says. SVG is not among it: a few bytes of it draw
 * without end, and it may name other files. Signatures: PNG 5.2, JFIF, RFC 9649, GIF89a, TIFF 6, BigTIFF, ISO/IEC 23000-22 (AVIF).
 */
const formats: readonly [name: string, starts: readonly string[], at?: number][] = [
  ['PNG', ['\x89PNG\r\n\x1a\n']],
  ['JPEG', ['\xff\xd8\xff']],
  ['WebP', ['WEBP'], 8],
  ['GIF', ['GIF87a', 'GIF89a']],
  ['TIFF', ['II*\0', 'MM\0*', 'II+\0', 'MM\0+']],
  ['AVIF', ['ftypavif', 'ftypavis', 'ftypmif1'], 4],
];

function requireFormat(bytes: Uint8Array): void {
  const begin = Buffer.from(bytes.subarray(0, 16)).toString('latin1');
  if (formats.some(([, starts, at = 0]) => starts.some((start) => begin.startsWith(start, at)))) return;
  throw new Error(`it is no ${formats.map(([name]) => name).join(', ')}`);
}

/** Throws an Error for what is no picture, or too large a one. Decodes nothing. */
export async function pictureHeader(bytes: Uint8Array): Promise<PictureHeader> {
  requireFormat(bytes);
  const {
    width,
    height,
    channels,
    depth,
    pages = 1,
  } = await sharp(bytes, { limitInputPixels: false }).metadata();
  const size = width * height * Math.max(channels, 3) * (depth === 'uchar' ? 1 : depth === 'ushort' ? 2 : 4);
  if (!(size <= largest))
    throw new Error(
      `it is ${width} x ${height}: its ${size} bytes are more than the ${largest} decoded at most`,
    );
  return { width, height, channels, size, frames: pages };
}

/**
 * The model's input decides, `[1 or 3, height, width]` or the same with the batch dropped; where it leaves a size open,
 * or has no picture shape, the first picture does, and all others must be like it.
 */
export async function pictureTarget(
  wanted: readonly (number | undefined)[] | undefined,
  readFirst: () => Promise<Uint8Array>,
): Promise<PictureTarget> {
  if (wanted?.length === 3) {
    const [channels, height, width] = wanted;
    if ((channels === 1 || channels === 3) && height !== undefined && width !== undefined) {
      const kind = channels === 1 ? 'grey' : 'RGB';
      return {
        shape: [channels, height, width],
        scale: true,
        notes: [
          `Pictures were scaled to ${width} x ${height} (shorter side, then cut at the centre), ${kind}.`,
        ],
      };
    }
  }
  const { width, height, channels } = await pictureHeader(await readFirst());
  const grey = wanted?.length === 3 && wanted[0] !== undefined ? wanted[0] === 1 : channels < 3;
  return { shape: [grey ? 1 : 3, height, width], scale: false, notes: [] };
}

export interface DecodedPicture {
  /** Planar. Transparent parts lie on black; EXIF orientation is applied. */
  pixels: Uint8Array;
  frames: number;
}

/** Throws what sharp throws, or an Error for a wrong size. Waits while other pictures take the memory. */
export async function decodePicture(bytes: Uint8Array, target: PictureTarget): Promise<DecodedPicture> {
  const { size, frames } = await pictureHeader(bytes);
  return { pixels: await budget.spend(size, () => decode(bytes, target)), frames };
}

async function decode(bytes: Uint8Array, { shape, scale }: PictureTarget): Promise<Uint8Array> {
  const [channels, height, width] = shape;
  let picture = sharp(bytes, { limitInputPixels: largest }).rotate().flatten({ background: '#000' });
  if (scale) picture = picture.resize(width, height, { fit: 'cover', position: 'centre' });
  picture = channels === 1 ? picture.toColourspace('b-w') : picture.toColourspace('srgb');
  const { data, info } = await picture.raw({ depth: 'uchar' }).toBuffer({ resolveWithObject: true });
  if (info.width !== width || info.height !== height)
    throw new Error(`it is ${info.width} x ${info.height}, the first picture is ${width} x ${height}`);
  if (info.channels !== channels)
    throw new Error(`it has ${info.channels} channels after conversion, not ${channels}`);
  const planar = new Uint8Array(data.length);
  const plane = width * height;
  for (let pixel = 0, at = 0; pixel < plane; pixel++)
    for (let c = 0; c < channels; c++, at++) planar[c * plane + pixel] = data[at]!;
  return planar;
}
