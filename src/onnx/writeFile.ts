/**
 * Files written whole or not at all, by renaming finished ones into place. A model beyond protobuf's 2 GiB gets its large
 * tensors in a file beside it (ONNX IR specification, "External Data"): `NAME.data` beside `NAME`.
 */
import { createHash, type Hash } from 'node:crypto';
import { readFile, unlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, dirname, join } from 'node:path';
import { TemperError } from '../errors.js';
import { failing } from '../files/ioError.js';
import { type FilePlace, type Place, placeOf } from '../files/place.js';
import { writeStream } from '../files/stream.js';
import { inWorkshop } from '../files/workshop.js';
import { putInPlace, writeParts } from '../files/write.js';
import { decodeModel } from './codec.js';
import { encodePieces, largestMessage, sizeOfPieces } from './encode.js';
import { leastExternal, nextPage, tensorBeside } from './external.js';
import type { Model, Tensor } from './model.js';
import { mapTensors } from './tensors.js';

export const largestFile = largestMessage;
/** Written or hashed in one go: both take at most 2 GiB. */
const chunk = 2 ** 26;

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

/** Writes an ONNX file; it appears complete or not at all. Throws TemperError('io'), or what `prove` throws. */
export async function writeModel(
  path: string,
  model: Model,
  { prove = async () => {}, largest = largestFile }: WriteOptions = {},
): Promise<WrittenModel> {
  const pieces = encodePieces(model);
  const place = await placeOf(path);
  if (sizeOfPieces(pieces) > largest) return writeBeside(path, place, model, { prove, largest });
  const name = basename(place.path);
  // What is written to a pipe is proved elsewhere.
  const folder = place.kind === 'file' ? dirname(place.path) : tmpdir();
  await inWorkshop(folder, [name], async (workshop) => {
    const file = join(workshop, name);
    await writeParts(file, pieces);
    await prove(file);
    await (place.kind === 'file' ? putInPlace(file, place) : writeStream(place, pieces));
  }).catch(failing('write', path));
  return { sha256: hashOf(pieces), bytes: sizeOfPieces(pieces) };
}

/** The model and its data, finished in a folder of their own under the names that refer to one another. */
async function writeBeside(
  path: string,
  place: Place,
  model: Model,
  { prove, largest }: Required<WriteOptions>,
): Promise<WrittenModel> {
  if (place.kind === 'stream' || place.linked)
    throw refused(path, 'a model of this size is two files, which cannot go through a pipe or link');
  const data = await placeOf(`${place.path}.data`);
  if (data.kind === 'stream' || data.linked)
    throw refused(data.path, 'the data of the model belong here, and this is no regular file');
  if (data.old && !(await refersTo(place, basename(data.path))))
    throw refused(data.path, 'exists and belongs to another file than the one to be written');
  const { light, external, places } = takeOut(model, basename(data.path));
  const pieces = encodePieces(light);
  if (sizeOfPieces(pieces) > largest)
    throw refused(path, 'an ONNX file holds at most 2 GiB besides its initializers');
  const names = [place, data].map((file) => basename(file.path)) as [string, string];
  await inWorkshop(dirname(place.path), names, async (workshop) => {
    const [file, beside] = names.map((name) => join(workshop, name)) as [string, string];
    await writeParts(beside, external, places);
    await writeParts(file, pieces);
    await prove(file);
    // For a moment there is none of the two, but never a model with the data of another.
    if (place.old) await unlink(place.path);
    await putInPlace(beside, data);
    await putInPlace(file, place);
  }).catch(failing('write', path));
  const bytes = places.at(-1)! + external.at(-1)!.byteLength;
  return {
    sha256: hashOf([...pieces, ...external]),
    bytes: sizeOfPieces(pieces),
    data: { path: `${path}.data`, bytes },
  };
}

/** Whether the model that is replaced has its data there. */
async function refersTo({ path, old }: FilePlace, location: string): Promise<boolean> {
  if (!old || old.size > largestFile) return false;
  let found = false;
  try {
    mapTensors(decodeModel(await readFile(path)), (tensor) => {
      found ||= (tensor.externalData ?? []).some(
        ({ key, value }) => key === 'location' && value === location,
      );
      return tensor;
    });
  } catch {
    return false; // no model
  }
  return found;
}

function refused(where: string, what: string): TemperError {
  return new TemperError('io', { what, where, hint: 'give another file to write to' });
}

/** The model with its large initializers told to lie in `location`, and where there. */
function takeOut(model: Model, location: string) {
  const external: Uint8Array[] = [];
  const places: number[] = [];
  let end = 0;
  const initializers = model.graph.initializers.map((tensor): Tensor => {
    const { rawData } = tensor;
    if (!rawData || rawData.byteLength < leastExternal) return tensor;
    const offset = nextPage(end);
    end = offset + rawData.byteLength;
    external.push(rawData);
    places.push(offset);
    return tensorBeside(tensor, location, offset);
  });
  return { light: { ...model, graph: { ...model.graph, initializers } }, external, places };
}

function hashOf(pieces: readonly Uint8Array[]): string {
  const hash = createHash('sha256');
  for (const piece of pieces) updateHash(hash, piece);
  return hash.digest('hex');
}
