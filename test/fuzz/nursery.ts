/** Children that load files, watched: one that is silent for too long, grows too large or dies is replaced. */
import { type ChildProcess, fork } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { extname, join } from 'node:path';
import type { Task, Told } from './serve.js';

export const limits: NurseryLimits = { milliseconds: 2000, bytes: 2 ** 30 };

export interface NurseryLimits {
  /** Of processor time. */
  readonly milliseconds: number;
  /** Resident memory. */
  readonly bytes: number;
  /** Milliseconds by the clock; default 30 s. */
  readonly longestWait?: number;
}

/** TypeScript under tsx, else compiled. */
const suffix = extname(import.meta.filename);
const loading = join(import.meta.dirname, `child${suffix}`);
/** Making the file is no part of loading it. */
const longestPreparation = 60_000;
/** A process that waits for something, or for its turn on a crowded machine, is given longer. */
const longestWait = 30_000;

export type Verdict = Told & { failure?: string | undefined };

export class Nursery {
  private child: ChildProcess | undefined;

  /** @param module what the children run: it answers a `Task` as child.ts does */
  constructor(
    private readonly module = loading,
    private readonly allowed = limits,
  ) {}

  /** What comes of a file; a child that fails is replaced before the next. */
  async load(task: Task): Promise<Verdict> {
    this.child ??= await this.born();
    const verdict = await watch(this.child, task, this.allowed);
    if (verdict.failure !== undefined) this.end();
    return verdict;
  }

  end(): void {
    this.child?.kill('SIGKILL');
    this.child = undefined;
  }

  private born(): Promise<ChildProcess> {
    const child = fork(this.module, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    return new Promise((resolve, reject) => {
      child.once('message', () => resolve(child));
      child.once('exit', () => reject(new Error('a child of the fuzz run does not start')));
    });
  }
}

function watch(child: ChildProcess, task: Task, allowed: NurseryLimits): Promise<Verdict> {
  return new Promise((resolve) => {
    let mutation = '(making the file)';
    let errors = '';
    const heard = (text: Buffer) => {
      errors = (errors + text).slice(-4000);
    };
    const fail = (failure: string) => {
      const unknown = { kind: 'WRONG ERROR', reason: errors, bytes: 0, milliseconds: 0, peak: 0 } as const;
      finish({ ...unknown, index: task.index, mutation, failure });
    };
    let began = 0;
    const silent = () => {
      const waited = performance.now() - began;
      const { longestWait: most = longestWait, milliseconds } = allowed;
      if (waited < most && processorTime(child.pid!) - used < milliseconds)
        timer = setTimeout(silent, milliseconds / 4);
      else fail(`HANG: silent for ${waited.toFixed(0)} ms`);
    };
    let used = 0;
    let timer = setTimeout(() => fail('the file could not be made'), longestPreparation);
    const told = (message: Told | { index: number; started: string }) => {
      if ('started' in message) {
        mutation = message.started;
        clearTimeout(timer);
        began = performance.now();
        used = processorTime(child.pid!);
        timer = setTimeout(silent, allowed.milliseconds);
      } else finish({ ...message, failure: failureOf(message, allowed) });
    };
    const died = (code: number | null, signal: string | null) => fail(`CRASH: ended with ${code ?? signal}`);
    const finish = (verdict: Verdict) => {
      clearTimeout(timer);
      child.off('message', told);
      child.off('exit', died);
      child.stderr!.off('data', heard);
      resolve(verdict);
    };
    child.on('message', told);
    child.on('exit', died);
    child.stderr!.on('data', heard);
    child.send(task);
  });
}

/** Milliseconds that a process has computed, its threads together; Infinity where Linux's /proc does not tell. */
function processorTime(pid: number): number {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8')
      .replace(/^.*\) /, '')
      .split(' ');
    return 10 * (Number(fields[11]) + Number(fields[12]));
  } catch {
    return Number.POSITIVE_INFINITY;
  }
}

function failureOf({ kind, peak }: Told, { bytes }: NurseryLimits): string | undefined {
  if (kind === 'WRONG ERROR') return kind;
  return peak > bytes ? `MEMORY: ${Math.round(peak / 2 ** 20)} MiB` : undefined;
}
