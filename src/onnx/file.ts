/** ONNX files on disk, read with their external data (external.ts). Written: writeFile.ts. */
import { createHash } from 'node:crypto';
import { realpath } from 'node:fs/promises';
import { dirname, resolve } from 'node:path';
import { TemperError } from '../errors.js';
import { ioError } from '../files/ioError.js';
import { decodeModel } from './codec.js';
import { openRegular, readExternal } from './external.js';
import { DataType, type Model, type Tensor } from './model.js';
import { mapTensors } from './tensors.js';
import { largestFile, updateHash } from './writeFile.js';

/**
 * Reads an ONNX file. External data is read in, so the model no longer depends on other files.
 * Throws TemperError('io') if the file cannot be read, TemperError('model') if it is not ONNX or if its external data
 * leaves the model's folder (absolute paths, `..`, symbolic links), is missing or too short.
 */
export async function readModel(path: string): Promise<Model> {
  return (await readModelFile(path)).model;
}

export interface ModelFile {
  readonly path: string;
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
  const hash = createHash('sha256');
  updateHash(hash, bytes);
  if (external.size === 0) return { path, model: aligned(model), sha256: hash.digest('hex') };
  const loaded = await readExternal(external, dirname(await realpath(path)), path);
  for (const { rawData } of loaded.values()) updateHash(hash, rawData!);
  const whole = mapTensors(aligned(model), (tensor) => loaded.get(tensor) ?? tensor);
  return { path, model: whole, sha256: hash.digest('hex') };
}

/** The files beside a model that hold values of it, as the model names them; none where there is no model, or none that can be read. */
export async function externalFiles(path: string): Promise<string[]> {
  const folder = await realpath(path).then(dirname, () => dirname(path));
  const files = new Set<string>();
  try {
    mapTensors(decodeModel(await readRegular(path)), (tensor) => {
      for (const { key, value } of tensor.externalData ?? [])
        if (key === 'location') files.add(resolve(folder, value));
      return tensor;
    });
  } catch {
    return [];
  }
  return [...files];
}

/** Tensors from this size on lie behind a tag and a length of 4 bytes or more. */
const movable = 2 ** 16;

/**
 * Moves large float32 tensors, within the bytes that were read, to where the processor wants them: a view of them then needs no
 * copy. Up to 3 bytes down, over the end of the tensor's own length, which nobody reads again.
 */
function aligned(model: Model): Model {
  const moved = new Map<number, Uint8Array>();
  return mapTensors(model, (tensor) => {
    const { rawData, dataType } = tensor;
    const off = (rawData?.byteOffset ?? 0) % 4;
    if (!rawData || off === 0 || dataType !== DataType.FLOAT || rawData.byteLength < movable) return tensor;
    const { buffer, byteOffset, byteLength } = rawData;
    const known = moved.get(byteOffset);
    const place = known ?? new Uint8Array(buffer as ArrayBuffer, byteOffset - off, byteLength);
    if (!known) place.set(rawData);
    moved.set(byteOffset, place);
    return { ...tensor, rawData: place };
  });
}

/** All bytes of a regular file. */
export async function readRegular(path: string): Promise<Buffer<ArrayBuffer>> {
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
