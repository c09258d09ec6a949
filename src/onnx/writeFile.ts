/**
 * Files written whole or not at all, by renaming finished ones into place. A model beyond protobuf's 2 GiB gets its large
 * tensors in a file beside it (ONNX IR specification, "External Data"): `NAME.data` beside `NAME`.
 */
import { createHash, type Hash } from 'node:crypto';
import { type FileHandle, mkdir, open, rename, rm, stat } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { TemperError } from '../errors.js';
import { encodePieces, largestMessage, sizeOfPieces } from './encode.js';
import type { Model, Tensor } from './model.js';

export const largestFile = largestMessage;
/** Tensors from this size on go into the file beside. */
const leastExternal = 2 ** 10;
/** Where they begin: at a page, so that they can be mapped into memory. */
const page = 2 ** 12;
/** Written or hashed in one go: both take at most 2 GiB. */
const chunk = 2 ** 26;

export function ioError(action: string, path: string, cause: unknown): TemperError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new TemperError('io', { what: `cannot ${action} ${path}: ${reason}` }, { cause });
}

export function updateHash(hash: Hash, bytes: Uint8Array): void {
  for (let at = 0; at < bytes.byteLength; at += chunk) hash.update(bytes.subarray(at, at + chunk));
}

export interface WriteOptions {
  /** Called with the finished file before it gets its name; if it throws, nothing is written. */
  readonly prove?: (file: string) => Promise<void>;
  /** Largest size of the ONNX file itself; default 2 GiB. */
  readonly largest?: number;
}

export interface WrittenModel {
  /** Of the file, followed by its external data if it has any: as `readModelFile` hashes it. */
  readonly sha256: string;
  readonly bytes: number;
  /** The file beside the model, if there is one. */
  readonly data?: { readonly path: string; readonly bytes: number };
}

let temporaries = 0;

function temporaryFor(path: string): string {
  return join(dirname(path), `.${basename(path)}.${process.pid}-${temporaries++}`);
}

/** Writes an ONNX file; it appears complete or not at all. Throws TemperError('io'), or what `prove` throws. */
export async function writeModel(
  path: string,
  model: Model,
  { prove = async () => {}, largest = largestFile }: WriteOptions = {},
): Promise<WrittenModel> {
  const pieces = encodePieces(model);
  if (sizeOfPieces(pieces) > largest) return writeBeside(path, model, { prove, largest });
  const temporary = temporaryFor(path);
  try {
    await writePieces(temporary, pieces).catch(failing(path));
    await prove(temporary);
    await rename(temporary, path).catch(failing(path));
  } catch (cause) {
    await rm(temporary, { force: true });
    throw cause;
  }
  return { sha256: hashOf(pieces), bytes: sizeOfPieces(pieces) };
}

/** The model and its data, finished in a folder of their own under the names that refer to one another. */
async function writeBeside(
  path: string,
  model: Model,
  { prove, largest }: Required<WriteOptions>,
): Promise<WrittenModel> {
  const data = `${path}.data`;
  if ((await exists(data)) && !(await exists(path)))
    throw ioError('write', path, new Error(`${data} exists and belongs to another file`));
  const { light, external, places } = takeOut(model, basename(data));
  const pieces = encodePieces(light);
  if (sizeOfPieces(pieces) > largest)
    throw ioError('write', path, new Error('an ONNX file holds at most 2 GiB besides its initializers'));
  const folder = temporaryFor(path);
  const [file, beside] = [join(folder, basename(path)), join(folder, basename(data))];
  try {
    await mkdir(folder).catch(failing(path));
    await writePieces(file, pieces).catch(failing(path));
    await writePieces(beside, external, places).catch(failing(path));
    await prove(file);
    await rename(beside, data).catch(failing(path));
    await rename(file, path).catch(failing(path));
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
  const bytes = places.at(-1)! + external.at(-1)!.byteLength;
  return {
    sha256: hashOf([...pieces, ...external]),
    bytes: sizeOfPieces(pieces),
    data: { path: data, bytes },
  };
}

/** The model with its large initializers told to lie in `location`, and where there. */
function takeOut(model: Model, location: string) {
  const external: Uint8Array[] = [];
  const places: number[] = [];
  let end = 0;
  const initializers = model.graph.initializers.map((tensor): Tensor => {
    const { rawData, ...rest } = tensor;
    if (!rawData || rawData.byteLength < leastExternal) return tensor;
    const offset = Math.ceil(end / page) * page;
    end = offset + rawData.byteLength;
    external.push(rawData);
    places.push(offset);
    const entries = { location, offset: String(offset), length: String(rawData.byteLength) };
    const externalData = Object.entries(entries).map(([key, value]) => ({ key, value }));
    return { ...rest, dataLocation: 1, externalData };
  });
  return { light: { ...model, graph: { ...model.graph, initializers } }, external, places };
}

async function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

function failing(path: string): (cause: unknown) => never {
  return (cause) => {
    throw ioError('write', path, cause);
  };
}

/** @param places where each piece begins; default: one behind the other */
async function writePieces(
  path: string,
  pieces: readonly Uint8Array[],
  places?: readonly number[],
): Promise<void> {
  const file = await open(path, 'wx');
  try {
    let at = 0;
    for (const [i, piece] of pieces.entries()) {
      at = await writeAt(file, piece, places?.[i] ?? at);
    }
    await file.sync();
  } finally {
    await file.close();
  }
}

async function writeAt(file: FileHandle, bytes: Uint8Array, position: number): Promise<number> {
  for (let done = 0; done < bytes.byteLength; ) {
    const length = Math.min(chunk, bytes.byteLength - done);
    const { bytesWritten } = await file.write(bytes, done, length, position + done);
    done += bytesWritten;
  }
  return position + bytes.byteLength;
}

function hashOf(pieces: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const piece of pieces) updateHash(hash, piece);
  return hash.digest('hex');
}

/** Writes a file of any other kind. Throws TemperError('io'). */
export async function writeWhole(path: string, bytes: Uint8Array): Promise<void> {
  const temporary = temporaryFor(path);
  try {
    await writePieces(temporary, [bytes]);
    await rename(temporary, path);
  } catch (cause) {
    await rm(temporary, { force: true });
    throw ioError('write', path, cause);
  }
}
