/**
 * Trials judged one after another in this thread, or by several worker threads: the scores are the same, and come back in
 * the order of the trials. Interrupting is cooperative: workers look at a shared flag between two batches.
 */
import { type ErrorKind, type Problem, TemperError } from '../../errors.js';
import { moduleBeside, startThread } from '../../runtime/thread.js';
import type { Score } from '../statistics/scores.js';
import { Judge, type JudgeTask, type Trial } from './judge.js';

/** A trial of one of several models. */
export interface PoolTrial extends Trial {
  model: number;
}

export interface PoolTask {
  tasks: JudgeTask[];
  /** Shared: [0] becomes 1 to interrupt. */
  control: Int32Array;
}

export interface Request {
  job: number;
  trial: PoolTrial;
}

/** What a thread can say of an error: a refusal with its problems, or a bug with its stack. */
export interface ThreadFailure {
  refusal?: { kind: ErrorKind; problems: readonly Problem[] };
  stack?: string;
}

export type Reply = { job: number; score: Score } | { job: number; failure: ThreadFailure };

export interface PoolOptions {
  /** Worker threads; 1 = none, everything in this thread. */
  workers: number;
  signal?: AbortSignal | undefined;
  onScore?: ((job: number, score: Score) => void) | undefined;
}

const interrupted = () => new TemperError('interrupted', { what: 'verification was interrupted' });

/** Throws TemperError('interrupted') when the signal fires, and whatever the first failing trial throws. */
export async function judgeAll(
  tasks: JudgeTask[],
  trials: readonly PoolTrial[],
  { workers, signal, onScore }: PoolOptions,
): Promise<Score[]> {
  if (signal?.aborted) throw interrupted();
  const control = new Int32Array(new SharedArrayBuffer(4));
  const stop = () => Atomics.store(control, 0, 1);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    if (workers <= 1) return await judgeHere({ tasks, control }, trials, onScore);
    return await judgeInWorkers({ tasks, control }, trials, Math.min(workers, trials.length), onScore);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

async function judgeHere(
  { tasks, control }: PoolTask,
  trials: readonly PoolTrial[],
  onScore: PoolOptions['onScore'],
): Promise<Score[]> {
  const judges = tasks.map((task) => new Judge(task, () => control[0] !== 0));
  const scores: Score[] = [];
  try {
    for (const [job, trial] of trials.entries()) {
      // onnxruntime blocks the thread: let timers and signals have their turn.
      await new Promise(setImmediate);
      scores.push(await judges[trial.model]!.score(trial));
      onScore?.(job, scores[job]!);
    }
  } finally {
    for (const judge of judges) await judge.release();
  }
  return scores;
}

async function judgeInWorkers(
  task: PoolTask,
  trials: readonly PoolTrial[],
  count: number,
  onScore: PoolOptions['onScore'],
): Promise<Score[]> {
  const scores: Score[] = new Array(trials.length);
  let next = 0;
  let failure: unknown;
  const fail = (error: unknown) => {
    failure ??= error;
    Atomics.store(task.control, 0, 1);
  };
  const ended = Array.from({ length: count }, () => {
    const worker = startThread(moduleBeside(import.meta.url, 'worker'), task);
    const send = () => {
      const job = failure === undefined ? next++ : trials.length;
      worker.postMessage(job < trials.length ? { job, trial: trials[job]! } : 'end');
    };
    worker.on('message', (reply: Reply) => {
      if ('failure' in reply) fail(revive(reply.failure));
      else {
        scores[reply.job] = reply.score;
        try {
          onScore?.(reply.job, reply.score);
        } catch (error) {
          fail(error);
        }
      }
      send();
    });
    worker.on('error', fail);
    send();
    return new Promise((resolve) => worker.on('exit', resolve));
  });
  await Promise.all(ended);
  if (failure !== undefined) throw failure;
  if (Object.keys(scores).length < trials.length) throw new Error('a worker thread ended before its work');
  return scores;
}

export function describeFailure(error: unknown): ThreadFailure {
  if (error instanceof TemperError) return { refusal: { kind: error.kind, problems: error.problems } };
  return { stack: error instanceof Error ? (error.stack ?? error.message) : String(error) };
}

function revive({ refusal, stack }: ThreadFailure): Error {
  return refusal
    ? new TemperError(refusal.kind, refusal.problems)
    : new Error(`in a worker thread: ${stack}`);
}
