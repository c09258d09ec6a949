/**
 * A process apart: what a stranger's file makes onnxruntime do is done there first, within limits on memory and time. What
 * would have ended this process (a division by zero in an operator, memory without end, a loop of 2^63 rounds) ends that one.
 * The process is kept for a moment, for the next file, and replaced when it died or grew. Node only.
 */
import type { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { type ErrorKind, type Problem, TemperError } from '../errors.js';
import { delayOf } from './delay.js';
import { moduleBeside, startProcess } from './thread.js';

export interface Limits {
  /** Resident memory of the process apart. */
  readonly bytes: number;
  readonly seconds: number;
}

export interface ApartTask {
  /** URL of a module that exports `work(argument, doing)`: see `moduleBeside` (thread.ts). */
  readonly module: string;
  readonly argument: unknown;
  readonly limits: Limits;
}

/** What the process apart says: what it is about to do, or what came of it. */
export type Word =
  | { ready: true }
  | { doing: string }
  | { done: unknown; resident: number }
  | { refused: { kind: ErrorKind; problems: readonly Problem[] }; resident: number }
  | { bug: string };

/** How the process ended where it should not have. */
export interface Death {
  /** `memory` and `time`: over the limit; else the signal or exit code. */
  readonly cause: 'memory' | 'time' | (string & {});
  /** What it was about to do, as `work` had told. */
  readonly doing: string;
}

/** What `work` returned, or how its process died. */
export type Fate<T> = { readonly done: T } | { readonly death: Death };

/** A process that holds more than this after its work is not used again. */
const largestSpare = 2 ** 29;
/** Milliseconds that a process waits for more work. */
const longestIdle = 2000;
/** Seconds beyond the limit after which a process is ended from outside: its own watch has failed. */
const grace = 15;
/** Written by the watch before it ends its process (apartWatch.ts). */
export const overLimit = /\{"over":"(memory|time)"\}/;

let spare: ChildProcess | undefined;
let idle: NodeJS.Timeout | undefined;
let turn: Promise<unknown> = Promise.resolve();

/** Does the work apart; one after the other. Throws what `work` throws, or TemperError('interrupted'). */
export function runApart<T>(order: ApartTask, signal?: AbortSignal): Promise<Fate<T>> {
  const result = turn.then(async () => {
    clearTimeout(idle);
    const child = await (spare ?? born());
    spare = undefined;
    hold(child, true);
    const fate = await attend<T>(child, order, signal);
    // A process that was kept, and ended before it began, died of something else than this file.
    const isOther = 'death' in fate && fate.death.doing === '';
    return isOther ? attend<T>(await born(), order, signal) : fate;
  });
  turn = result.catch(() => {});
  return result;
}

function born(): Promise<ChildProcess> {
  const child = startProcess(moduleBeside(import.meta.url, 'apartProcess'), {
    serialization: 'advanced',
    stdio: ['ignore', 'ignore', 'pipe', 'ipc'],
  });
  return new Promise((resolve, reject) => {
    const fail = (why: unknown) =>
      reject(new TemperError('io', { what: `no process can be started to try the model in (${why})` }));
    child.once('error', fail);
    child.once('exit', fail);
    child.once('exit', () => {
      if (spare === child) spare = undefined;
    });
    child.once('message', () => {
      child.off('exit', fail).off('error', fail);
      // What is sent to a process that has just ended fails; its end is told by `close`.
      child.on('error', () => {});
      resolve(child);
    });
  });
}

/** Whether this process stays alive for that one. */
function hold(child: ChildProcess, wanted: boolean): void {
  // A pipe to a child is a socket, which Node.js's types do not tell.
  const pipe = child.stderr instanceof Socket ? child.stderr : undefined;
  for (const part of [child, child.channel, pipe]) wanted ? part?.ref() : part?.unref();
}

function attend<T>(child: ChildProcess, order: ApartTask, signal: AbortSignal | undefined): Promise<Fate<T>> {
  return new Promise((resolve, reject) => {
    let doing = '';
    let errors = '';
    let late = false;
    const kill = () => child.kill('SIGKILL');
    const backstop = setTimeout(
      () => {
        late = true;
        kill();
      },
      delayOf(order.limits.seconds + grace),
    );
    const heard = (text: Buffer) => {
      errors = (errors + text).slice(-4000);
    };
    const leave = () => {
      clearTimeout(backstop);
      signal?.removeEventListener('abort', kill);
      child.off('message', told).off('close', died);
      child.stderr!.off('data', heard);
    };
    const told = (word: Word) => {
      if ('doing' in word) doing = word.doing;
      if ('doing' in word || 'ready' in word) return;
      leave();
      keep(child, 'bug' in word ? Number.POSITIVE_INFINITY : word.resident);
      if ('done' in word) resolve({ done: word.done as T });
      else if ('refused' in word) reject(new TemperError(word.refused.kind, word.refused.problems));
      else reject(new Error(`in the process apart: ${word.bug}`));
    };
    const died = (code: number | null, by: string | null) => {
      leave();
      if (signal?.aborted) reject(new TemperError('interrupted', { what: 'interrupted' }));
      else
        resolve({
          death: { cause: late ? 'time' : (overLimit.exec(errors)?.[1] ?? by ?? `exit code ${code}`), doing },
        });
    };
    child.on('message', told).once('close', died);
    child.stderr!.on('data', heard);
    signal?.addEventListener('abort', kill);
    if (signal?.aborted) kill();
    else child.send(order, (error) => error && kill());
  });
}

/** For the next file, for a moment. */
function keep(child: ChildProcess, resident: number): void {
  hold(child, false);
  if (resident > largestSpare) {
    child.kill('SIGKILL');
    return;
  }
  spare = child;
  idle = setTimeout(() => {
    spare = undefined;
    child.kill('SIGKILL');
  }, longestIdle).unref();
}
