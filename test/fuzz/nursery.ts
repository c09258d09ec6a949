/** Children that load files, watched: one that is silent for too long, grows too large or dies is replaced. */
import { type ChildProcess, fork } from 'node:child_process';
import { join } from 'node:path';
import type { Task, Told } from './child.js';

export const limits = { milliseconds: 2000, bytes: 2 ** 30 };
/** Making the file is no part of loading it. */
const longestPreparation = 60_000;

export type Verdict = Told & { failure?: string | undefined };

export class Nursery {
  private child: ChildProcess | undefined;

  /** What comes of a file; a child that fails is replaced before the next. */
  async load(task: Task): Promise<Verdict> {
    this.child ??= await this.born();
    const verdict = await watch(this.child, task);
    if (verdict.failure !== undefined) this.end();
    return verdict;
  }

  end(): void {
    this.child?.kill('SIGKILL');
    this.child = undefined;
  }

  private born(): Promise<ChildProcess> {
    const path = join(import.meta.dirname, 'child.ts');
    const child = fork(path, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    return new Promise((resolve, reject) => {
      child.once('message', () => resolve(child));
      child.once('exit', () => reject(new Error('a child of the fuzz run does not start')));
    });
  }
}

function watch(child: ChildProcess, task: Task): Promise<Verdict> {
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
    const silent = () => fail(`HANG: silent for ${limits.milliseconds} ms`);
    let timer = setTimeout(() => fail('the file could not be made'), longestPreparation);
    const told = (message: Told | { index: number; started: string }) => {
      if ('started' in message) {
        mutation = message.started;
        clearTimeout(timer);
        timer = setTimeout(silent, limits.milliseconds);
      } else finish({ ...message, failure: failureOf(message) });
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

function failureOf({ kind, peak }: Told): string | undefined {
  if (kind === 'WRONG ERROR') return kind;
  return peak > limits.bytes ? `MEMORY: ${Math.round(peak / 2 ** 20)} MiB` : undefined;
}
