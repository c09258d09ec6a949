/**
 * A lock that lets one process in and that no killed process leaves locked.
 *
 * It is a folder with one file in it, of a name drawn for this one owner. It is taken by renaming a finished folder to its name,
 * which the system does in one step and only where nothing or an empty folder is (rename(2)). A dead owner is put out by
 * deleting its file by its name: whoever does that late deletes nothing, least of all the file of the next owner. So between
 * looking and acting nothing can go wrong, and any number of processes may try at once.
 *
 * An owner that can be seen is judged by its process. One that cannot (another machine, another container) is judged by its
 * heartbeat: without a sign for `patience` looks in a row it counts as dead. Should it live after all (a paused machine), it
 * finds its file gone, and `signal` fires.
 */
import { randomBytes } from 'node:crypto';
import { closeSync, fstatSync, openSync, writeSync } from 'node:fs';
import { mkdir, readdir, readFile, rename, rmdir, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { setTimeout as wait } from 'node:timers/promises';
import { TemperError } from '../errors.js';
import { digits, type Heartbeat, startHeartbeat } from './heartbeat.js';
import { failing } from './ioError.js';
import { isOrphan, lifeOf, type Owner, ownerSchema, ownProcess } from './owner.js';

export interface LockOptions {
  /** Told before waiting for a sign of life. */
  readonly tell?: ((text: string) => void) | undefined;
  /** Ends the waiting. */
  readonly signal?: AbortSignal | undefined;
  /** Milliseconds between two beats of the owner, and between two looks of those who wait. */
  readonly pace?: { beat: number; look: number };
}

export interface Lock {
  /** Fires if another process took the lock over: it saw no sign of life of this one. */
  readonly signal: AbortSignal;
  /** Throws TemperError('io') if that happened. */
  check(): void;
  release(): Promise<void>;
}

/** Without a change for so many looks in a row an owner counts as dead. Looks, not time: a paused machine does not look. */
const patience = 30;
const usualPace = { beat: 5000, look: 1000 };
/** Processes that come and go: sooner or later one of them is seen at work. */
const attempts = 1000;

/** Windows has EPERM for a folder that is there. */
const somebodyWasFaster = [
  'ENOTEMPTY',
  'EEXIST',
  'ENOENT',
  ...(process.platform === 'win32' ? ['EPERM'] : []),
];

const fileName = /^[0-9a-f]{32}\.json$/;

/** Takes the lock `path`, in a folder that exists. Throws TemperError('io') if somebody else holds it. */
export async function takeLock(path: string, options: LockOptions = {}): Promise<Lock> {
  const { pace = usualPace } = options;
  for (let attempt = 0; attempt < attempts; attempt++) {
    const lock = await attend(path, { ...options, pace }).catch(failing('lock', dirname(path)));
    if (lock) return lock;
  }
  throw new TemperError('io', { what: 'in use by other processes', where: path, hint: 'wait for them' });
}

/** Takes the lock if nobody holds it; puts the one who does out if he is dead. Nothing if it has to be tried again. */
async function attend(path: string, options: LockOptions & { pace: { beat: number; look: number } }) {
  const holder = await holderOf(path);
  return holder ? putOut(holder, path, options) : take(path, options.pace.beat);
}

/** Whether a file of a run folder is the lock or a try to take it. */
export function belongsToLock(name: string, lock: string): boolean {
  return (
    name === lock || (name.startsWith(`.${lock}.`) && /^[0-9a-f]{32}$/.test(name.slice(lock.length + 2)))
  );
}

interface LockHolder {
  readonly file: string;
  readonly owner: Owner | undefined;
  readonly copied: boolean;
  /** Changes with every sign of life. */
  readonly text: string;
}

async function holderOf(path: string): Promise<LockHolder | undefined> {
  const names = await readdir(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOTDIR') throw foreign(path);
    return unless('ENOENT')(error);
  });
  const [name, ...others] = names ?? [];
  if (name === undefined) return undefined;
  if (others.length > 0 || !fileName.test(name)) throw foreign(path);
  return read(join(path, name));
}

async function read(file: string): Promise<LockHolder | undefined> {
  const text = await readFile(file, 'utf8').catch(unless('ENOENT'));
  if (text === undefined) return undefined;
  const owner = ownerIn(text);
  // In a copy of the folder the owner of the other one never gives a sign. Not believed at once: some file systems number anew.
  const copied = owner?.file !== undefined && owner.file !== (await nodeOf(file).catch(() => owner.file));
  return { file, text, owner, copied };
}

/** At once: whoever meets the file half made deletes it. */
function writeRecord(file: string, owner: Owner): string {
  const handle = openSync(file, 'wx');
  try {
    const { ino } = fstatSync(handle, { bigint: true });
    const record = JSON.stringify({ ...owner, file: String(ino) });
    writeSync(handle, `${record}${'0'.repeat(digits)}`);
    return record;
  } finally {
    closeSync(handle);
  }
}

async function nodeOf(file: string): Promise<string> {
  return String((await stat(file, { bigint: true })).ino);
}

function ownerIn(text: string): Owner | undefined {
  try {
    return ownerSchema.parse(JSON.parse(text.slice(0, -digits)));
  } catch {
    return undefined; // damaged: only its signs of life are left to judge it by
  }
}

/** Deletes the file of a dead owner; throws if it lives. */
async function putOut(
  holder: LockHolder,
  path: string,
  options: LockOptions & { pace: { look: number } },
): Promise<undefined> {
  const seen = holder.owner ? await lifeAfterAll(holder.owner, options.signal) : 'unknown';
  const life = seen === 'alive' && holder.copied ? 'unknown' : seen;
  if (life === 'alive') throw heldBy(holder, path);
  if (life === 'unknown') {
    const seconds = Math.ceil((patience * options.pace.look) / 1000);
    options.tell?.(
      `${nameOf(holder)} held ${path} ${holder.copied ? 'where this was copied from' : 'and cannot be seen from here'}: waiting ${seconds} s for a sign of life of it`,
    );
    for (let look = 0; look < patience; look++) {
      await wait(options.pace.look, undefined, { signal: options.signal });
      const now = await read(holder.file);
      if (!now) return undefined;
      if (now.text !== holder.text) throw heldBy(holder, path, seconds);
    }
  }
  await unlink(holder.file).catch(unless('ENOENT'));
  return undefined;
}

/** Milliseconds between two looks at an owner that is about to end, and how many there are. */
const [orphanLook, orphanLooks] = [50, 100];

/** An owner whose process above was killed ends within a moment, which is waited for. */
async function lifeAfterAll(owner: Owner, signal: AbortSignal | undefined) {
  let life = lifeOf(owner);
  for (let look = 0; look < orphanLooks && life === 'alive' && isOrphan(owner); look++) {
    await wait(orphanLook, undefined, { signal });
    life = lifeOf(owner);
  }
  return life;
}

async function take(path: string, beat: number): Promise<Lock | undefined> {
  const token = randomBytes(16).toString('hex');
  const prepared = join(dirname(path), `.${basename(path)}.${token}`);
  const [made, file] = [prepared, path].map((folder) => join(folder, `${token}.json`)) as [string, string];
  await mkdir(prepared);
  let record = '';
  try {
    record = writeRecord(made, ownProcess());
    // Not all systems rename a folder over an empty one.
    await rmdir(path).catch(unless('ENOENT', 'ENOTEMPTY', 'EEXIST'));
    await rename(prepared, path);
    // Whoever tidied up here may have taken the file out of the folder before it was renamed.
    if ((await read(file)) === undefined) return undefined;
  } catch (error) {
    await unlink(made).catch(() => {});
    await rmdir(prepared).catch(() => {});
    return unless(...somebodyWasFaster)(error as NodeJS.ErrnoException);
  }
  await tidy(path);
  return held(path, file, { position: Buffer.byteLength(record), beat });
}

/** Deletes what processes left that were killed while they tried. Done to a living one, it only costs it the try. */
async function tidy(path: string): Promise<void> {
  const [folder, name] = [dirname(path), basename(path)];
  for (const left of await readdir(folder)) {
    if (left === name || !belongsToLock(left, name)) continue;
    const file = join(folder, left, `${left.slice(-32)}.json`);
    const owner = (await read(file))?.owner;
    if (owner && lifeOf(owner) === 'alive') continue;
    await unlink(file).catch(() => {});
    await rmdir(join(folder, left)).catch(() => {});
  }
}

function held(path: string, file: string, { position, beat }: { position: number; beat: number }): Lock {
  const lost = new AbortController();
  const heart: Heartbeat = startHeartbeat({ file, position, every: beat }, () => lost.abort());
  return {
    signal: lost.signal,
    check() {
      if (!lost.signal.aborted) return;
      throw new TemperError('io', {
        what: 'the lock is gone: somebody deleted it, or another process saw no sign of life of this one (was it paused?) and took over',
        where: path,
        hint: 'start the same command again once no other process works in this folder',
      });
    },
    async release() {
      await heart.stop();
      await unlink(file).catch(() => {});
      await rmdir(path).catch(() => {}); // the next owner may be there already
    },
  };
}

function nameOf({ owner }: LockHolder): string {
  return owner ? `process ${owner.pid} on ${owner.host}` : 'another process';
}

function heldBy(holder: LockHolder, path: string, seconds?: number): TemperError {
  return new TemperError('io', {
    what: `in use by ${nameOf(holder)}${seconds === undefined ? '' : ', which gives signs of life'}`,
    where: path,
    hint: `wait for it, or give another folder${seconds === undefined ? '' : `; once it has given no sign for ${seconds} s, the folder can be used again`}`,
  });
}

function foreign(path: string): TemperError {
  return new TemperError('io', {
    what: 'there is something of this name that is no lock of temper',
    where: path,
    hint: 'give another folder, or move it away',
  });
}

/** Turns errors of these codes into nothing. */
function unless(...codes: string[]): (error: NodeJS.ErrnoException) => undefined {
  return (error) => {
    if (!codes.includes(error.code ?? '')) throw error;
    return undefined;
  };
}
