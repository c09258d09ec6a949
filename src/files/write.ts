/**
 * The one way in which Temper writes: a file appears whole or not at all, on the disk when it appears, and never in place of
 * something that is no file (place.ts).
 */
import { chmod, type FileHandle, lchown, open, rename } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { failing } from './ioError.js';
import { type FilePlace, type Place, placeOf } from './place.js';
import { writeStream } from './stream.js';
import { inWorkshop } from './workshop.js';

/** Written in one go: the system takes at most 2 GiB. */
const chunk = 2 ** 26;

/** Writes a file. Throws TemperError('io'). */
export async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  await writeWholeParts(path, [typeof content === 'string' ? new TextEncoder().encode(content) : content]);
}

/** Writes a file from parts, one behind the other. Throws TemperError('io'). */
export async function writeWholeParts(path: string, parts: readonly Uint8Array[]): Promise<void> {
  const place = await placeOf(path);
  await writeTo(place, parts).catch(failing('write', path));
}

async function writeTo(place: Place, parts: readonly Uint8Array[]): Promise<void> {
  if (place.kind === 'stream') return writeStream(place, parts);
  const name = basename(place.path);
  return inWorkshop(dirname(place.path), [name], async (workshop) => {
    await writeParts(join(workshop, name), parts);
    await putInPlace(join(workshop, name), place);
  });
}

/** Gives a finished file its name; when this returns, it has it for good. */
export async function putInPlace(made: string, { path, old }: FilePlace): Promise<void> {
  if (old) {
    await chmod(made, old.mode);
    // Only who may write everything can give files away; all others own what they make.
    await lchown(made, old.uid, old.gid).catch(() => {});
  }
  await rename(made, path);
  await syncFolder(dirname(path));
}

/** Names are kept in the folder: without this, a power failure may take a new one away (fsync(2)). */
async function syncFolder(folder: string): Promise<void> {
  // Windows opens no folders, and some file systems cannot do it.
  const handle = await open(folder, 'r').catch(() => undefined);
  await handle?.sync().catch(() => {});
  await handle?.close();
}

/** A new file, on the disk when this returns. @param places where each part begins; default: one behind the other */
export async function writeParts(
  path: string,
  parts: readonly Uint8Array[],
  places?: readonly number[],
): Promise<void> {
  const file = await open(path, 'wx');
  try {
    let at = 0;
    for (const [i, part] of parts.entries()) at = await writeAt(file, part, places?.[i] ?? at);
    await file.sync();
  } finally {
    await file.close();
  }
}

/** Writes all of it, however much that is; returns where it ends. */
export async function writeAt(file: FileHandle, bytes: Uint8Array, position: number): Promise<number> {
  for (let done = 0; done < bytes.byteLength; ) {
    const length = Math.min(chunk, bytes.byteLength - done);
    const { bytesWritten } = await file.write(bytes, done, length, position + done);
    done += bytesWritten;
  }
  return position + bytes.byteLength;
}
