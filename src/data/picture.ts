/** One picture file to planar pixel bytes of the wanted size and colour (sharp). */
import sharp from 'sharp';

export interface PictureTarget {
  shape: [channels: number, height: number, width: number];
  /** Scale to this shape (cover and cut from the centre); otherwise pictures must have it already. */
  scale: boolean;
  notes: string[];
}

/** No picture larger than this is decoded: 16k x 16k. */
const limitInputPixels = 2 ** 28;

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
  const { width, height, channels } = await sharp(await readFirst(), { limitInputPixels }).metadata();
  const grey = wanted?.length === 3 && wanted[0] !== undefined ? wanted[0] === 1 : channels < 3;
  return { shape: [grey ? 1 : 3, height, width], scale: false, notes: [] };
}

/** Planar bytes. Transparent parts lie on black; EXIF orientation is applied. Throws what sharp throws, or a wrong size. */
export async function decodePicture(bytes: Uint8Array, { shape, scale }: PictureTarget): Promise<Uint8Array> {
  const [channels, height, width] = shape;
  let picture = sharp(bytes, { limitInputPixels }).rotate().flatten({ background: '#000' });
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
