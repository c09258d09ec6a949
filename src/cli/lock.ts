/**
 * A lock file that a killed process cannot leave locked: it names its owner by process id and start time, and whoever
 * finds the owner gone takes it over. It guards against two commands on one folder of one machine.
 */
import { readFileSync } from 'node:fs';
import { open, readFile, rm } from 'node:fs/promises';
import { hostname } from 'node:os';
import { TemperError } from '../errors.js';

interface Owner {
  pid: number;
  host: string;
  /** Start of the process in clock ticks since boot, where the system tells (Linux): process ids are used again. */
  started?: string;
}

/** Takes the lock; the returned function gives it back. Throws TemperError('io') if somebody alive holds it. */
export async function takeLock(path: string): Promise<() => Promise<void>> {
  const own: Owner = { pid: process.pid, host: hostname(), ...startOf(process.pid) };
  for (let attempt = 0; attempt < 2; attempt++) {
    if (await create(path, JSON.stringify(own))) return () => rm(path, { force: true });
    const owner = await readOwner(path);
    if (owner && isAlive(owner)) throw heldBy(owner, path);
    await rm(path, { force: true });
  }
  throw heldBy(undefined, path);
}

async function create(path: string, content: string): Promise<boolean> {
  try {
    const file = await open(path, 'wx');
    await file.writeFile(content);
    await file.close();
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  }
}

async function readOwner(path: string): Promise<Owner | undefined> {
  try {
    return JSON.parse(await readFile(path, 'utf8'));
  } catch {
    return undefined; // gone meanwhile, or its process was killed while writing it
  }
}

function isAlive(owner: Owner): boolean {
  if (owner.host !== hostname()) return true; // cannot be known from here
  if (owner.pid === process.pid)
    return owner.started === startOf(owner.pid).started && owner.started !== undefined;
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return false;
  }
  return owner.started === undefined || owner.started === startOf(owner.pid).started;
}

/** Field 22 of /proc/PID/stat (proc(5)); the name in field 2 may contain blanks and brackets. */
function startOf(pid: number): { started?: string } {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)!.split(' ');
    return { started: fields[19]! };
  } catch {
    return {};
  }
}

function heldBy(owner: Owner | undefined, path: string): TemperError {
  return new TemperError('io', {
    what: owner ? `in use by process ${owner.pid} on ${owner.host}` : 'in use by another process',
    where: path,
    hint: 'wait for it, give another --out folder, or delete this file if that process is gone',
  });
}
