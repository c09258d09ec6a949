/** ONNX files on disk, read with their external data (external.ts), and written whole or not at all. */
import { createHash } from 'node:crypto';
import { open, realpath, rename, rm } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { TemperError } from '../errors.js';
import { decodeModel, encodeModel } from './codec.js';
import { openRegular, readExternal } from './external.js';
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
  const bytes = await readRegular(path).catch((cause) => {
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

async function readRegular(path: string): Promise<Buffer<ArrayBuffer>> {
  const file = await openRegular(path);
  try {
    if ((await file.stat()).size > largestFile) throw new Error('an ONNX file holds at most 2 GiB');
    return await file.readFile();
  } finally {
    await file.close();
  }
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
