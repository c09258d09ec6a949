/** Files that appear whole or not at all: written under a temporary name beside the target, then renamed. */
import { createHash } from 'node:crypto';
import { mkdir, open, readFile, rename, rm } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';

/** Ends the names of files that are being written. A killed process leaves them behind; openRunFolder removes them. */
export const unfinishedSuffix = '.unfinished';

/** Writes `content` to `path`; folders on the way are made. The content is on the disk before the name appears. */
export async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  const temporary = `${path}.${process.pid}${unfinishedSuffix}`;
  await mkdir(dirname(resolve(path)), { recursive: true });
  const file = await open(temporary, 'w');
  try {
    await file.writeFile(content);
    await file.sync();
  } finally {
    await file.close();
  }
  await rename(temporary, path).catch(async (error) => {
    await rm(temporary, { force: true });
    throw error;
  });
}

export function writeJson(path: string, value: unknown): Promise<void> {
  return writeWhole(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** SHA-256 of a file in lower-case hex; undefined if there is no such file. */
export async function sha256OfFile(path: string): Promise<string | undefined> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return bytes && createHash('sha256').update(bytes).digest('hex');
}
