/**
 * External data (ONNX IR specification, "External Data"): tensors whose values lie in files beside the model.
 * A model may name any file; one from a stranger must not make us read outside its own folder, wait for a pipe, or read one
 * file a thousand times over.
 */
import { constants } from 'node:buffer';
import { type FileHandle, constants as flags, open, realpath } from 'node:fs/promises';
import { isAbsolute, join, relative, sep, win32 } from 'node:path';
import { type Problem, TemperError } from '../errors.js';
import type { Tensor } from './model.js';
import { sharedRange } from './sharedRanges.js';
import { byteLength, dataTypeName } from './tensor.js';
import { usableMemory } from './usableMemory.js';

/**
 * The tensors with their values read in, as raw data.
 * @param folder of the model, free of symbolic links
 * @param path   of the model, for messages
 * Throws TemperError('model') with every tensor whose data cannot be read.
 */
export async function readExternal(
  tensors: ReadonlySet<Tensor>,
  folder: string,
  path: string,
): Promise<Map<Tensor, Tensor>> {
  const problems: Problem[] = [];
  const loaded = new Map<Tensor, Tensor>();
  const reader = new RangeReader(folder);
  try {
    for (const tensor of tensors) {
      try {
        const { externalData, dataLocation: _, ...inline } = tensor;
        const entries = new Map((externalData ?? []).map(({ key, value }) => [key, value]));
        loaded.set(tensor, { ...inline, rawData: await reader.read(entries, wantedBytes(tensor)) });
      } catch (error) {
        problems.push({
          what: (error as Error).message,
          where: `external data of tensor "${tensor.name}" in ${path}`,
        });
      }
    }
  } finally {
    await reader.close();
  }
  if (problems.length > 0) throw new TemperError('model', problems);
  return loaded;
}

/** Tensors from this size on go into a file beside. */
export const leastExternal = 2 ** 10;
/** Where they begin: at a page, so that they can be mapped into memory. */
const page = 2 ** 12;

export function nextPage(end: number): number {
  return Math.ceil(end / page) * page;
}

/** The tensor with its raw data told to lie in a file. */
export function tensorBeside({ rawData, ...rest }: Tensor, location: string, offset: number): Tensor {
  const entries = { location, offset: String(offset), length: String(rawData!.byteLength) };
  const externalData = Object.entries(entries).map(([key, value]) => ({ key, value }));
  return { ...rest, dataLocation: 1, externalData };
}

/** Read in one go: at most 2 GiB are possible. */
const chunk = 2 ** 26;

/** A file with so many bytes of holes is refused if less than this share of it is on the disk: holes cost nothing to send. */
const largeHoles = 2 ** 26;
const leastStored = 1 / 8;
const diskBlock = 512;

/** How many bytes belong to the tensor, whatever the file beside the model holds. */
function wantedBytes({ dataType, dims }: Tensor): number {
  const bytes = byteLength(dataType, dims);
  if (bytes === undefined) throw new Error(`values of type ${dataTypeName(dataType)} cannot lie in a file`);
  if (bytes > constants.MAX_LENGTH)
    throw new Error(
      `${bytes} bytes: this version of Node holds at most ${constants.MAX_LENGTH} in one tensor`,
    );
  return bytes;
}

interface ExternalFile {
  readonly handle: FileHandle;
  readonly size: number;
  /** Bytes that it takes on the disk. */
  readonly stored: number;
  /** The same for all names of one file. */
  readonly identity: string;
  /** The same as long as nobody has written to it. */
  readonly version: string;
}

class RangeReader {
  private readonly files = new Map<string, ExternalFile>();
  private readonly ranges = new Map<string, Uint8Array>();
  private readonly taken = new Map<string, number>();
  private total = 0;

  constructor(private readonly folder: string) {}

  /**
   * Tensors of one range share its bytes; ranges that overlap otherwise may not take more than the file holds. Nothing is allocated
   * before the range is that of the tensor, within the file and within memory.
   * @param wanted bytes of the tensor
   */
  async read(entries: ReadonlyMap<string, string>, wanted: number): Promise<Uint8Array> {
    const location = entries.get('location') ?? '';
    const { handle, size, identity, version, stored } = await this.file(location);
    const offset = byteCount(entries.get('offset') ?? '0');
    const length = byteCount(entries.get('length') ?? String(wanted));
    if (length !== wanted)
      throw new Error(`${length} bytes of "${location}" where ${wanted} belong to its type and dimensions`);
    if (size - stored >= largeHoles && stored < leastStored * size)
      throw new Error(
        `refused: "${location}" claims ${size} bytes and holds ${stored}, the rest are holes; if its zeros are meant, copy it without holes (cp --sparse=never)`,
      );
    if (offset + length > size)
      throw new Error(`bytes ${offset} to ${offset + length} of "${location}", which has ${size}`);
    const key = `${identity} ${offset} ${length}`;
    const known = this.ranges.get(key);
    if (known) return known;
    const taken = (this.taken.get(identity) ?? 0) + length;
    if (taken > size) throw new Error(`refused: more bytes than "${location}" has, in ranges that overlap`);
    this.taken.set(identity, taken);
    const shared = sharedRange(`${version} ${offset} ${length}`, length);
    if (shared.found) return this.keep(key, shared.found);
    this.total += length;
    if (this.total > usableMemory())
      throw new Error(`the tensors up to here take ${this.total} bytes, and memory has ${usableMemory()}`);
    const bytes = new Uint8Array(length);
    for (let done = 0; done < length; ) {
      const { bytesRead } = await handle.read(bytes, done, Math.min(chunk, length - done), offset + done);
      if (bytesRead === 0) throw new Error(`"${location}" became shorter while it was read`);
      done += bytesRead;
    }
    shared.share(bytes);
    return this.keep(key, bytes);
  }

  private keep(key: string, bytes: Uint8Array): Uint8Array {
    this.ranges.set(key, bytes);
    return bytes;
  }

  async close(): Promise<void> {
    for (const { handle } of this.files.values()) await handle.close();
  }

  private async file(location: string): Promise<ExternalFile> {
    const path = await pathInside(this.folder, location);
    const known = this.files.get(path);
    if (known) return known;
    const handle = await openRegular(path).catch((error: Error) => {
      throw new Error(`refused: "${location}": ${error.message}`);
    });
    const { size, blocks, dev, ino, mtimeNs, ctimeNs } = await handle.stat({ bigint: true });
    const identity = `${dev} ${ino}`;
    // Known from now on, so that it is closed.
    const file = {
      ...{ handle, identity, size: Number(size), stored: Number(blocks) * diskBlock },
      version: `${identity} ${size} ${mtimeNs} ${ctimeNs}`,
    };
    this.files.set(path, file);
    return file;
  }
}

function byteCount(text: string): number {
  const count = /^\d+$/.test(text) ? Number(text) : Number.NaN;
  if (!Number.isSafeInteger(count)) throw new Error(`"${text}" is not a number of bytes`);
  return count;
}

/** Where a file named by a model is, if it really lies in the model's folder. */
async function pathInside(folder: string, location: string): Promise<string> {
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
  return path;
}

/** Opens a file that is one. O_NONBLOCK: opening a pipe would wait for its writer before we can see what it is. */
export async function openRegular(path: string): Promise<FileHandle> {
  const file = await open(path, flags.O_RDONLY | (flags.O_NONBLOCK ?? 0));
  if ((await file.stat()).isFile()) return file;
  await file.close();
  throw new Error('it is not a regular file');
}
