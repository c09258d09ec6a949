/** Files that appear whole or not at all, in folders that are made on the way. */
import { createHash } from 'node:crypto';
import { createReadStream, existsSync } from 'node:fs';
import { access, constants, mkdir, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { type Problem, TemperError } from '../../errors.js';
import { placeOf } from '../../files/place.js';
import * as files from '../../files/write.js';
import { externalFiles } from '../../onnx/file.js';

/** Throws TemperError('io'), or the error of the file system. */
export async function writeWhole(path: string, content: Uint8Array | string): Promise<void> {
  await makeFolderOf(path);
  await files.writeWhole(path, content);
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
  const reads = new Set(await Promise.all(inputs.filter(isGiven).map(locationOf)));
  let beside: Promise<ReadonlySet<string>> | undefined;
  const holds = async (location: string) => {
    beside ??= besides(inputs.filter(isGiven));
    return (await beside).has(location);
  };
  const written = new Set<string>();
  const misused: Problem[] = [];
  const unwritable: Problem[] = [];
  for (const output of outputs.filter(isGiven)) {
    const place = await placeOf(output).catch((error: TemperError) => error);
    if (place instanceof Error) {
      unwritable.push(...place.problems);
      continue;
    }
    const hint = 'give another file';
    const location = await locationOf(place.path);
    const isRead = reads.has(location) || (place.kind === 'file' && place.old && (await holds(location)));
    if (isRead) misused.push({ what: 'this file is read and would be overwritten', where: output, hint });
    // What goes to /dev/null may go there twice.
    if (written.has(location) && !(place.kind === 'stream' && place.character))
      misused.push({ what: 'this output is named twice', where: output, hint });
    written.add(location);
    if (place.kind === 'file') unwritable.push(...(await folderProblems(output, place.path)));
  }
  if (misused.length + unwritable.length === 0) return;
  throw new TemperError(unwritable.length > 0 ? 'io' : 'usage', [...misused, ...unwritable]);
}

/** Where the values of models lie that keep them in files of their own. */
async function besides(inputs: readonly string[]): Promise<ReadonlySet<string>> {
  const files = (await Promise.all(inputs.map(externalFiles))).flat();
  return new Set(await Promise.all(files.map(locationOf)));
}

function isGiven(path: string | undefined): path is string {
  return path !== undefined;
}

/** Where a path leads, links followed as far as there is something. */
async function locationOf(path: string): Promise<string> {
  const absolute = resolve(path);
  const parent = dirname(absolute);
  if (parent === absolute) return absolute;
  return realpath(absolute).catch(async () => join(await locationOf(parent), basename(absolute)));
}

async function folderProblems(output: string, path: string): Promise<Problem[]> {
  let folder = dirname(path);
  while (!(await stat(folder).catch(() => undefined)) && folder !== dirname(folder)) folder = dirname(folder);
  if (!(await stat(folder)).isDirectory())
    return [{ what: `cannot be written: ${folder} is not a folder`, where: output }];
  const code = await access(folder, constants.W_OK).then(
    () => undefined,
    (error: NodeJS.ErrnoException) => error.code,
  );
  if (code === undefined) return [];
  const why = code === 'EROFS' ? `the file system of ${folder} is read-only` : `no permission in ${folder}`;
  return [{ what: `cannot be written: ${why}`, where: output, hint: 'give another place' }];
}

export function writeJson(path: string, value: unknown): Promise<void> {
  return writeWhole(path, `${JSON.stringify(value, null, 2)}\n`);
}

/** SHA-256 of a file of any size in lower-case hex; undefined if there is no such file. */
export async function sha256OfFile(path: string): Promise<string | undefined> {
  const hash = createHash('sha256');
  try {
    for await (const part of createReadStream(path, { highWaterMark: 2 ** 20 })) hash.update(part);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw error;
  }
  return hash.digest('hex');
}

/** The names of files as they are, and of the data beside those that are models beyond 2 GiB (src/onnx/writeFile.ts). */
export function withData<N extends string>(folder: string, names: readonly N[]): (N | `${N}.data`)[] {
  return names.flatMap((name) =>
    name.endsWith('.onnx') && existsSync(join(folder, `${name}.data`))
      ? [name, `${name}.data` as const]
      : [name],
  );
}
