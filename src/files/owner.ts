/**
 * Who made a file that must not outlive its process: a lock, a file that is not finished. The record says enough for another
 * process to tell whether its owner still runs, or that this cannot be told from where it stands.
 */
import { readFileSync, readlinkSync } from 'node:fs';
import { hostname } from 'node:os';
import { z } from 'zod';

export const ownerSchema = z.strictObject({
  pid: z.int().positive(),
  host: z.string(),
  /** Of the system the process runs on, drawn anew at every start of it (random(4)); only where the system tells (Linux). */
  boot: z.string().optional(),
  /** In which `pid` counts (pid_namespaces(7)): two containers of one host may both have a process 7. */
  namespace: z.string().optional(),
  /** Start of the process in clock ticks since boot: process ids are used again. */
  started: z.string().optional(),
  /** Index node of the file that the record stands in: another one says that it is a copy. */
  file: z.string().optional(),
  /** The process that watches over it, and whose end it does not outlive for long. */
  above: z.strictObject({ pid: z.int().positive(), started: z.string() }).optional(),
});
export type Owner = z.infer<typeof ownerSchema>;

/** `unknown`: it runs, or ran, where this process cannot see: on another machine, before a restart, in another container. */
export type Life = 'alive' | 'dead' | 'unknown';

/** This process. */
export function ownProcess(): Owner {
  const known = {
    boot: told(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
    namespace: told(() => readlinkSync('/proc/self/ns/pid')),
    started: stateOf(process.pid)?.started,
    above: aboveThis(),
  };
  const given = Object.entries(known).filter(([, value]) => value !== undefined);
  return { pid: process.pid, host: hostname(), ...Object.fromEntries(given) };
}

/** Only a process that was made to work for another one is connected to it. */
function aboveThis(): Owner['above'] {
  const state = process.connected ? stateOf(process.ppid) : undefined;
  return state && { pid: process.ppid, started: state.started };
}

/** Whether an owner that can be seen to live is about to end, because the process above it has. */
export function isOrphan({ above }: Owner): boolean {
  if (!above) return false;
  const state = stateOf(above.pid);
  return !state || state.ended || state.started !== above.started;
}

/** What can be told of an owner without waiting for a sign of life. Host names prove nothing: containers share them. */
export function lifeOf(owner: Owner): Life {
  const self = ownProcess();
  if (self.boot === undefined || self.namespace === undefined) return 'unknown';
  if (owner.boot !== self.boot || owner.namespace !== self.namespace) return 'unknown';
  try {
    process.kill(owner.pid, 0);
  } catch (error) {
    // Anything else (EPERM) says that there is such a process.
    if ((error as NodeJS.ErrnoException).code === 'ESRCH') return 'dead';
  }
  const state = stateOf(owner.pid);
  if (!state) return 'alive'; // hidden from this user
  return state.ended || state.started !== owner.started ? 'dead' : 'alive';
}

/** Fields 3 and 22 of /proc/PID/stat (proc(5)); the name in field 2 may contain blanks and brackets. */
function stateOf(pid: number): { ended: boolean; started: string } | undefined {
  const text = told(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const fields = text?.slice(text.lastIndexOf(') ') + 2).split(' ');
  // A killed process stays as a zombie until its parent asks for it, which in containers may be never.
  return fields && { ended: /^[ZXx]$/.test(fields[0]!), started: fields[19]! };
}

function told(ask: () => string): string | undefined {
  try {
    return ask();
  } catch {
    return undefined;
  }
}
