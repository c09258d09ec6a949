/** NPZ archives: a ZIP of NPY arrays, as numpy.savez and numpy.savez_compressed write them. */
import { TemperError } from '../errors.js';
import { decodeNpy, type NpyArray } from './npy.js';
import { unpack, type ZipEntry, zipEntries } from './zip.js';

/** Deflate packs no tighter than 1032:1 (zlib's technical notes): an entry that claims more is a zip bomb. */
const maxRatio = 1032;
/** Pictures and labels never pack as tightly as this; what does and is large besides is one, too. */
const largeRatio = 100;
const largeBytes = 2 ** 28;
/** Of all arrays together. */
const maxBytes = 2 ** 32;

/** Unpacks the arrays called `names` (those that are there). Nothing is unpacked before its declared size is checked. */
export function decodeNpz(bytes: Uint8Array, names: readonly string[], where: string): Map<string, NpyArray> {
  const refuse = (what: string) => new TemperError('model', { what, where });
  const entries = readArchive(() => zipEntries(bytes), where).filter((entry) =>
    names.includes(arrayName(entry)),
  );
  for (const [i, entry] of entries.entries()) {
    const { name, packed, size } = entry;
    if (entries.slice(0, i).some((other) => arrayName(other) === arrayName(entry)))
      throw refuse(`entry ${name} is in the archive twice`);
    if (size > maxRatio * packed + 1024 || (size > largeBytes && size > largeRatio * packed))
      throw refuse(`entry ${name} claims to unpack from ${packed} to ${size} bytes: refused as a zip bomb`);
  }
  const total = entries.reduce((sum, { size }) => sum + size, 0);
  if (!(total <= maxBytes))
    throw refuse(`the arrays need ${total} bytes of memory; at most ${maxBytes} are read`);
  return new Map(
    entries.map((entry) => {
      const array = arrayName(entry);
      const content = readArchive(() => unpack(bytes, entry), where);
      return [array, decodeNpy(content, `array ${array} in ${where}`)];
    }),
  );
}

function readArchive<T>(read: () => T, where: string): T {
  try {
    return read();
  } catch (cause) {
    const what = `not a readable ZIP archive (${(cause as Error).message})`;
    throw new TemperError('model', { what, where, hint: 'write it with numpy.savez' }, { cause });
  }
}

const arrayName = ({ name }: ZipEntry) => name.replace(/\.npy$/, '');

/** Names of all arrays in the archive, for messages. */
export function npzNames(bytes: Uint8Array): string[] {
  return zipEntries(bytes).map(arrayName);
}
