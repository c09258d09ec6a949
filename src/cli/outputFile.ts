/** Files that appear whole or not at all, in folders that are made on the way. */
import { createHash } from 'node:crypto';
import { mkdir, readFile } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import * as files from '../onnx/file.js';

/** Throws TemperError('io'), or the error of the file system. */
export async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  await makeFolderOf(path);
  await files.writeWhole(path, typeof content === 'string' ? new TextEncoder().encode(content) : content);
}

/** Makes the folder a file will be written to: before long work, so that a wrong path is told at once. */
export async function makeFolderOf(path: string): Promise<void> {
  await mkdir(dirname(resolve(path)), { recursive: true });
}

export function writeJson(path: string, value: unknown): Promise<void> {
  return writeWhole(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** Whether a file of this name was being written when its process was killed (see onnx/file.ts). */
export function isUnfinished(name: string): boolean {
  return /^\..+\.\d+-\d+$/.test(name);
}

/** SHA-256 of a file in lower-case hex; undefined if there is no such file. */
export async function sha256OfFile(path: string): Promise<string | undefined> {
  const bytes = await readFile(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  });
  return bytes && createHash('sha256').update(bytes).digest('hex');
}
