/** Files of published data sets: found under their usual names, gzipped or not, read with the SHA-256 of what is stored. */
import { webcrypto } from 'node:crypto';
import { constants } from 'node:fs';
import { access, open, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { gunzip } from 'node:zlib';
import { type Problem, readHint, TemperError } from '../errors.js';

export interface SourceFile {
  path: string;
  sha256: string;
  /** Decompressed content. */
  bytes: Uint8Array;
}

/** No published file read here unpacks to more; what does is a zip bomb. */
const maxUnpackedBytes = 2 ** 30;

/**
 * Finds each wanted file in `location` or one of its `folders`, under one of its names, plain or `.gz`.
 * Throws TemperError 'io' naming every file that is missing and every name that was tried.
 */
export async function findFiles(location: string, folders: string[], wanted: string[][]): Promise<string[]> {
  await requireDirectory(location);
  const places = [location, ...folders.map((folder) => join(location, folder))];
  const problems: Problem[] = [];
  const found: string[] = [];
  for (const names of wanted) {
    const tried = names.flatMap((name) => [name, `${name}.gz`]);
    const path = await firstExisting(places.flatMap((place) => tried.map((name) => join(place, name))));
    if (path !== undefined) found.push(path);
    else
      problems.push({
        what: `data file ${names[0]} is missing`,
        where: location,
        hint: `looked for ${tried.join(', ')}${folders.length > 0 ? `, also in ${folders.join(', ')}` : ''}`,
      });
  }
  if (problems.length > 0) throw new TemperError('io', problems);
  return found;
}

async function requireDirectory(location: string): Promise<void> {
  const status = await stat(location).catch((cause) => {
    throw new TemperError('io', {
      what: `folder ${location} cannot be opened (${cause.code ?? cause})`,
      ...readHint(cause),
    });
  });
  if (!status.isDirectory())
    throw new TemperError('io', {
      what: `${location} is a file, not a folder`,
      hint: 'give the folder that holds the data files',
    });
}

async function firstExisting(paths: string[]): Promise<string | undefined> {
  for (const path of paths) {
    const exists = await access(path).then(
      () => true,
      () => false,
    );
    if (exists) return path;
  }
  return undefined;
}

/** Reads one file; `.gz` is unpacked. Throws TemperError 'io' or, for a broken gzip, 'model'. */
export async function readSource(path: string): Promise<SourceFile> {
  const stored = await readRegular(path).catch((cause) => {
    throw new TemperError(
      'io',
      { what: `${path} cannot be read (${cause.code ?? cause})`, ...readHint(cause) },
      { cause },
    );
  });
  const [sha256, bytes] = await Promise.all([
    sha256Hex(stored),
    path.endsWith('.gz') ? unpack(path, stored) : stored,
  ]);
  return { path, sha256, bytes: plain(bytes) };
}

/**
 * Reads a file of a folder that others made, in which a pipe or a device may stand under any name: opening a pipe would wait
 * for its writer, a device may have no end. Throws what the file system throws, or an Error.
 */
export async function readRegular(path: string): Promise<Buffer<ArrayBuffer>> {
  const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0));
  try {
    if (!(await file.stat()).isFile()) throw new Error('it is not a regular file');
    return await file.readFile();
  } finally {
    await file.close();
  }
}

/** Without the ways of Buffer: what is made anew from its constructor warns of deprecation, and slices of it share memory. */
function plain({ buffer, byteOffset, byteLength }: Uint8Array): Uint8Array {
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** The digest runs on the thread pool, beside reading and unpacking of other files. */
export async function sha256Hex(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  return Buffer.from(await webcrypto.subtle.digest('SHA-256', bytes)).toString('hex');
}

async function unpack(path: string, stored: Buffer): Promise<Uint8Array> {
  try {
    return await promisify(gunzip)(stored, { maxOutputLength: maxUnpackedBytes });
  } catch (cause) {
    const { code, message } = cause as NodeJS.ErrnoException;
    const why = code === 'ERR_BUFFER_TOO_LARGE' ? `unpacks to more than ${maxUnpackedBytes} bytes` : message;
    throw new TemperError(
      'model',
      { what: `gzip file is broken: ${why}`, where: path, hint: 'download it again' },
      { cause },
    );
  }
}

/** Runs all tasks; if some fail with a TemperError, throws one that carries the problems of all of them. */
export async function everyProblem<T>(tasks: Promise<T>[]): Promise<T[]> {
  const outcomes = await Promise.allSettled(tasks);
  const failures = outcomes.flatMap((o) => (o.status === 'rejected' ? [o.reason] : []));
  const unexpected = failures.find((failure) => !(failure instanceof TemperError));
  if (unexpected !== undefined) throw unexpected;
  const expected = failures as TemperError[];
  const [first] = expected;
  if (first)
    throw new TemperError(
      first.kind,
      expected.flatMap((failure) => failure.problems),
    );
  return outcomes.map((o) => (o as PromiseFulfilledResult<T>).value);
}
