/** NPZ archives: a ZIP of NPY arrays, as numpy.savez and numpy.savez_compressed write them. */
import { unzipSync } from 'fflate';
import { TemperError } from '../errors.js';
import { decodeNpy, type NpyArray } from './npy.js';

/** Deflate packs no tighter than 1032:1 (zlib's technical notes): an entry that claims more is a zip bomb. */
const maxRatio = 1032;
const maxEntryBytes = 2 ** 32;

/** Unpacks the arrays called `names` (those that are there). Nothing is unpacked before its declared size is checked. */
export function decodeNpz(bytes: Uint8Array, names: readonly string[], where: string): Map<string, NpyArray> {
  const refuse = (what: string) => new TemperError('model', { what, where });
  let entries: Record<string, Uint8Array>;
  try {
    entries = unzipSync(bytes, {
      filter({ name, size, originalSize }) {
        if (!names.includes(name.replace(/\.npy$/, ''))) return false;
        if (originalSize > maxEntryBytes || originalSize > maxRatio * size + 1024)
          throw refuse(
            `entry ${name} claims to unpack from ${size} to ${originalSize} bytes: refused as a zip bomb`,
          );
        return true;
      },
    });
  } catch (cause) {
    if (cause instanceof TemperError) throw cause;
    throw new TemperError(
      'model',
      {
        what: `not a readable ZIP archive (${(cause as Error).message})`,
        where,
        hint: 'write it with numpy.savez',
      },
      { cause },
    );
  }
  const arrays = Object.entries(entries).map(([name, entry]) => {
    const array = name.replace(/\.npy$/, '');
    return [array, decodeNpy(entry, `array ${array} in ${where}`)] as const;
  });
  return new Map(arrays);
}

/** Names of all arrays in the archive, for messages. */
export function npzNames(bytes: Uint8Array): string[] {
  const names: string[] = [];
  unzipSync(bytes, {
    filter({ name }) {
      names.push(name.replace(/\.npy$/, ''));
      return false;
    },
  });
  return names;
}
