/**
 * Where a path to be written leads. One rule for all outputs: links are followed and stay, regular files are replaced, pipes, devices
 * and descriptors (/dev/stdout) are written to, and everything else is refused: folders, disks, sockets, files that are read-only.
 */
import { fstat, type Stats } from 'node:fs';
import { access, constants, lstat, readFile, readlink, realpath, stat } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { type Problem, TemperError } from '../errors.js';

const stats = promisify(fstat);

export type Place = FilePlace | StreamPlace;

/** A regular file, or the name for one. */
export interface FilePlace {
  readonly kind: 'file';
  /** Links followed, as far as there is something. */
  readonly path: string;
  /** The path as given was a link. */
  readonly linked: boolean;
  /** Of the file that is there. */
  readonly old?: Stats;
}

export interface StreamPlace {
  readonly kind: 'stream';
  readonly path: string;
  /** It is an open file of this process, by this number. */
  readonly descriptor?: number;
  /** What is written there is gone: /dev/null. */
  readonly character: boolean;
}

/** As many as the system follows (path_resolution(7)). */
const mostLinks = 40;

/** Throws TemperError('io') for a path that nothing may be written to. */
export async function placeOf(path: string): Promise<Place> {
  let at = resolve(path);
  for (let links = 0; links <= mostLinks; links++) {
    const folder = await realpath(dirname(at)).catch(() => dirname(at));
    at = join(folder, basename(at));
    const descriptor = descriptorOf(folder, basename(at));
    if (descriptor !== undefined) return ownDescriptor(path, descriptor);
    // Descriptors of other processes look like links to names that are none.
    const found = await (isProcess(folder) ? stat(at) : lstat(at)).catch(absent(path));
    if (!found?.isSymbolicLink()) return placeAt(path, at, found, links > 0);
    at = resolve(folder, await readlink(at));
  }
  throw refused(path, 'is a link in a circle', 'give another file');
}

async function placeAt(path: string, at: string, found: Stats | undefined, linked: boolean): Promise<Place> {
  if (!found) return { kind: 'file', path: at, linked };
  if (found.isFile()) {
    const [readOnly] = await readOnlyProblem(path, at, found);
    if (readOnly) throw new TemperError('io', readOnly);
    return { kind: 'file', path: at, linked, old: found };
  }
  if (found.isFIFO() || found.isCharacterDevice())
    return { kind: 'stream', path: at, character: found.isCharacterDevice() };
  if (found.isDirectory()) throw refused(path, 'is a folder, a file is to be written');
  throw refused(
    path,
    `is a ${found.isSocket() ? 'socket' : 'disk'}, a file is to be written`,
    'give another file',
  );
}

/** The mode counts even for those whom the system lets write everything: it says what is wanted. */
async function readOnlyProblem(path: string, at: string, { mode }: Stats): Promise<Problem[]> {
  const writable = await access(at, constants.W_OK).then(
    () => true,
    () => false,
  );
  if (writable && (mode & 0o222) !== 0) return [];
  const hint = 'make it writable (chmod u+w) if it may be replaced, or give another file';
  return [{ what: 'is read-only and would be replaced', where: path, hint }];
}

function isProcess(folder: string): boolean {
  return /^\/proc\/\d+\/(task\/\d+\/)?fd$/.test(folder);
}

/** The number of an own descriptor: /dev/stdout leads to /proc/self/fd/1, or to /dev/fd/1 where there is no /proc. */
function descriptorOf(folder: string, name: string): number | undefined {
  const isOwn = folder === '/dev/fd' || (isProcess(folder) && folder.startsWith(`/proc/${process.pid}/`));
  return isOwn && /^\d+$/.test(name) ? Number(name) : undefined;
}

/** Those that Node opened for itself are of no kind that anything can be written to. */
async function ownDescriptor(path: string, descriptor: number): Promise<StreamPlace> {
  const found = await stats(descriptor).catch(() => undefined);
  if (!found) throw refused(path, `is not open: descriptor ${descriptor}`, 'give another file');
  const writable = found.isFile() || found.isFIFO() || found.isCharacterDevice() || found.isSocket();
  if (!writable || (await isReadOnly(descriptor)))
    throw refused(path, `nothing can be written to descriptor ${descriptor}`, 'give another file');
  return { kind: 'stream', path, descriptor, character: false };
}

/** The mode a descriptor was opened with, where the system tells (proc(5)): the two lowest bits, 0 for reading only. */
async function isReadOnly(descriptor: number): Promise<boolean> {
  const told = await readFile(`/proc/self/fdinfo/${descriptor}`, 'utf8').catch(() => '');
  const flags = /^flags:\s*([0-7]+)/m.exec(told)?.[1];
  return flags !== undefined && (Number.parseInt(flags, 8) & 3) === constants.O_RDONLY;
}

function absent(path: string): (error: NodeJS.ErrnoException) => undefined {
  return (error) => {
    if (error.code === 'ENOENT') return undefined;
    if (error.code === 'ENOTDIR') throw refused(path, 'a part of the path is not a folder');
    throw refused(path, `cannot be written: ${error.message}`);
  };
}

function refused(path: string, what: string, hint?: string): TemperError {
  return new TemperError('io', { what, where: path, ...(hint && { hint }) });
}
