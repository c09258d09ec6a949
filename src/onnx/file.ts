/**
 * ONNX files on disk, with their external data (ONNX IR specification, "External Data").
 * An ONNX file may name other files; one from a stranger must not make us read outside its own folder.
 */
import { createHash } from 'node:crypto';
import { constants, type FileHandle, open, readFile, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, sep, win32 } from 'node:path';
import { type Problem, TemperError } from '../errors.js';
import { decodeModel, encodeModel } from './codec.js';
import type { Model, Tensor } from './model.js';
import { mapTensors } from './tensors.js';

/** protobuf's limit for one message, and onnxruntime's for one file. */
const largestFile = 2 ** 31 - 1;

function ioError(action: string, path: string, cause: unknown): TemperError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new TemperError('io', { what: `cannot ${action} ${path}: ${reason}` }, { cause });
}

/**
 * Reads an ONNX file. External data is read in, so the model no longer depends on other files.
 * Throws TemperError('io') if the file cannot be read, TemperError('model') if it is not ONNX or if its external data
 * leaves the model's folder (absolute paths, `..`, symbolic links), is missing or too short.
 */
export async function readModel(path: string): Promise<Model> {
  return (await readModelFile(path)).model;
}

export interface ModelFile {
  readonly model: Model;
  /** Of the file as stored, followed by its external data if it has any. */
  readonly sha256: string;
}

/** What `readModel` does, with a hash of everything that was read. */
export async function readModelFile(path: string): Promise<ModelFile> {
  const bytes = await readFile(path).catch((cause) => {
    throw ioError('read', path, cause);
  });
  const model = decode(bytes, path);
  const external = new Set<Tensor>();
  mapTensors(model, (tensor) => {
    if (tensor.dataLocation === 1) external.add(tensor);
    return tensor;
  });
  const hash = createHash('sha256').update(bytes);
  if (external.size === 0) return { model, sha256: hash.digest('hex') };
  const loaded = await readExternal(external, dirname(await realpath(path)), path);
  for (const { rawData } of loaded.values()) hash.update(rawData!);
  const whole = mapTensors(model, (tensor) => loaded.get(tensor) ?? tensor);
  return { model: whole, sha256: hash.digest('hex') };
}

function decode(bytes: Uint8Array, path: string): Model {
  try {
    return decodeModel(bytes);
  } catch (error) {
    if (!(error instanceof TemperError)) throw error;
    const problems = error.problems.map((problem) => ({ where: path, ...problem }));
    throw new TemperError(error.kind, problems, { cause: error });
  }
}

async function readExternal(
  tensors: ReadonlySet<Tensor>,
  folder: string,
  path: string,
): Promise<Map<Tensor, Tensor>> {
  const problems: Problem[] = [];
  const loaded = new Map<Tensor, Tensor>();
  const files = new Map<string, FileHandle>();
  try {
    for (const tensor of tensors) {
      try {
        const { externalData, dataLocation: _, ...inline } = tensor;
        const entries = new Map((externalData ?? []).map(({ key, value }) => [key, value]));
        loaded.set(tensor, { ...inline, rawData: await readRange(entries, folder, files) });
      } catch (error) {
        problems.push({
          what: (error as Error).message,
          where: `external data of tensor "${tensor.name}" in ${path}`,
        });
      }
    }
  } finally {
    for (const file of files.values()) await file.close();
  }
  if (problems.length > 0) throw new TemperError('model', problems);
  return loaded;
}

async function readRange(
  entries: ReadonlyMap<string, string>,
  folder: string,
  files: Map<string, FileHandle>,
): Promise<Uint8Array> {
  const location = entries.get('location') ?? '';
  const file = files.get(location) ?? (await openInside(folder, location));
  files.set(location, file);
  const { size } = await file.stat();
  const offset = byteCount(entries.get('offset') ?? '0');
  const length = byteCount(entries.get('length') ?? String(size - offset));
  if (offset + length > size)
    throw new Error(`bytes ${offset} to ${offset + length} of "${location}", which has ${size}`);
  const bytes = new Uint8Array(length);
  for (let done = 0; done < length; ) {
    const { bytesRead } = await file.read(bytes, done, length - done, offset + done);
    if (bytesRead === 0) throw new Error(`"${location}" became shorter while it was read`);
    done += bytesRead;
  }
  return bytes;
}

function byteCount(text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(count)) throw new Error(`"${text}" is not a number of bytes`);
  return count;
}

/** Opens a file named by a model, if it really lies in the model's folder (`folder` is free of symbolic links). */
async function openInside(folder: string, location: string): Promise<FileHandle> {
  const parts = location.split(/[/\\]/);
  if (
    !location ||
    isAbsolute(location) ||
    win32.isAbsolute(location) ||
    win32.parse(location).root ||
    parts.includes('..')
  ) {
    throw new Error(`refused: the path "${location}" leaves the model's folder`);
  }
  const path = await realpath(join(folder, location)).catch(() => {
    throw new Error(`file "${location}" not found`);
  });
  const inside = relative(folder, path);
  if (isAbsolute(inside) || inside.split(sep)[0] === '..') {
    throw new Error(`refused: "${location}" is a link that leaves the model's folder`);
  }
  // O_NONBLOCK: opening a pipe would wait for its writer before we can see that it is not a file.
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw new Error(`refused: "${location}" is not a regular file`);
}

let temporaries = 0;

/** Writes an ONNX file; it appears complete or not at all. Throws TemperError('io'). */
export async function writeModel(path: string, model: Model): Promise<void> {
  await writeWhole(path, encodeModel(model));
}

/** Writes a file, of at most 2 GiB as ONNX wants it, by renaming a finished one into place. Throws TemperError('io'). */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  if (bytes.byteLength > largestFile)
    throw ioError('write', path, new Error('an ONNX file holds at most 2 GiB'));
  const temporary = join(dirname(path), `.${basename(path)}.${process.pid}-${temporaries++}`);
  try {
    const file = await open(temporary, 'wx');
    try {
      await file.writeFile(bytes);
      await file.sync();
    } finally {
      await file.close();
    }
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw ioError('write', path, cause);
  }
}
