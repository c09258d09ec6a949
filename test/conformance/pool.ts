/** Checks cases in child processes, one after the other in each; a child that dies or hangs is replaced. */
import { type ChildProcess, fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import type { Verdict } from './check.js';

const worker = fileURLToPath(new URL('worker.ts', import.meta.url));
/** A case that takes longer hangs. */
const longest = 60_000;

/** Verdicts in the order of the folders. */
export async function checkAll(folders: readonly string[], told: (done: number) => void): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  let next = 0;
  let done = 0;
  const line = async () => {
    let child: ChildProcess | undefined;
    for (let i = next++; i < folders.length; i = next++) {
      child ??= await started();
      const answer = await ask(child, folders[i]!);
      if (typeof answer === 'string') {
        child.kill('SIGKILL');
        child = undefined;
        verdicts[i] = { operators: [], bound: [], failures: { compiled: answer, cpu: answer } };
      } else verdicts[i] = answer;
      told(++done);
    }
    child?.disconnect();
  };
  await Promise.all(Array.from({ length: availableParallelism() }, line));
  return verdicts;
}

function started(): Promise<ChildProcess> {
  const child = fork(worker, { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] });
  return new Promise((resolve, reject) => {
    child.once('message', () => resolve(child));
    child.once('exit', (code) => reject(new Error(`the checking process ended at once with ${code}`)));
  });
}

/** The verdict, or in words how the child ended without one. */
function ask(child: ChildProcess, folder: string): Promise<Verdict | string> {
  return new Promise((resolve) => {
    const end = (result: Verdict | string) => {
      clearTimeout(timer);
      child.off('message', answered);
      child.off('exit', ended);
      resolve(result);
    };
    const answered = (verdict: unknown) => end(verdict as Verdict);
    const ended = (code: number | null, signal: string | null) =>
      end(`the process ended with ${signal ?? code}`);
    const timer = setTimeout(() => end(`no answer in ${longest / 1000} s`), longest);
    child.once('message', answered);
    child.once('exit', ended);
    child.send(folder);
  });
}
