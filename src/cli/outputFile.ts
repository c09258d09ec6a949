/** Files that appear whole or not at all, in folders that are made on the way. */
import { createHash } from 'node:crypto';
import { access, constants, mkdir, readFile, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type Problem, TemperError } from '../errors.js';
import * as files from '../onnx/writeFile.js';

/** Throws TemperError('io'), or the error of the file system. */
export async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  await makeFolderOf(path);
  await files.writeWhole(path, typeof content === 'string' ? new TextEncoder().encode(content) : content);
}

/** Makes the folder a file will be written to: before long work, so that a wrong path is told at once. */
export async function makeFolderOf(path: string): Promise<void> {
  await mkdir(dirname(resolve(path)), { recursive: true });
}

/**
 * Looks at the files a command is going to write, before its work. Throws TemperError('usage') if one would replace what the
 * command reads or another output, 'io' if one cannot be written. Makes nothing.
 */
export async function checkOutputs(
  outputs: readonly (string | undefined)[],
  inputs: readonly (string | undefined)[],
): Promise<void> {
  const reads = new Set(await Promise.all(inputs.filter(isGiven).map(placeOf)));
  const places = new Set<string>();
  const misused: Problem[] = [];
  const unwritable: Problem[] = [];
  for (const output of outputs.filter(isGiven)) {
    const place = await placeOf(output);
    const hint = 'give another file';
    if (reads.has(place))
      misused.push({ what: 'this file is read and would be overwritten', where: output, hint });
    if (places.has(place)) misused.push({ what: 'this output is named twice', where: output, hint });
    places.add(place);
    unwritable.push(...(await writingProblems(output)));
  }
  if (misused.length + unwritable.length === 0) return;
  throw new TemperError(unwritable.length > 0 ? 'io' : 'usage', [...misused, ...unwritable]);
}

function isGiven(path: string | undefined): path is string {
  return path !== undefined;
}

/** Where a path leads, links followed as far as there is something. */
async function placeOf(path: string): Promise<string> {
  const absolute = resolve(path);
  const parent = dirname(absolute);
  if (parent === absolute) return absolute;
  return realpath(absolute).catch(async () => join(await placeOf(parent), basename(absolute)));
}

async function writingProblems(path: string): Promise<Problem[]> {
  const status = await stat(path).catch(() => undefined);
  if (status?.isDirectory()) return [{ what: 'is a folder, a file is to be written', where: path }];
  let folder = dirname(resolve(path));
  while (!(await stat(folder).catch(() => undefined)) && folder !== dirname(folder)) folder = dirname(folder);
  if (!(await stat(folder)).isDirectory())
    return [{ what: `cannot be written: ${folder} is not a folder`, where: path }];
  const writable = await access(folder, constants.W_OK).then(
    () => true,
    () => false,
  );
  return writable ? [] : [{ what: `cannot be written: no permission in ${folder}`, where: path }];
}

export function writeJson(path: string, value: unknown): Promise<void> {
  return writeWhole(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** Whether a file of this name was being written when its process was killed (see onnx/writeFile.ts). */
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
