/**
 * Subjects judged one after another in this thread, or by several worker threads: the scores are the same, and come back in
 * the order of the subjects. Interrupting is cooperative: workers look at a shared flag between two batches.
 */
import { type ErrorKind, type Problem, TemperError } from '../../errors.js';
import { moduleBeside, startThread } from '../../runtime/thread.js';
import type { Score } from '../statistics/scores.js';
import { Judge, type JudgeTask, type Trial } from './judge.js';

/** A subject of one of several models. */
export interface PoolSubject extends Trial {
  model: number;
}

export interface PoolTask {
  tasks: JudgeTask[];
  /** Shared: [0] becomes 1 to interrupt. */
  control: Int32Array;
}

export interface Request {
  job: number;
  subject: PoolSubject;
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

/** Throws TemperError('interrupted') when the signal fires, and whatever the first failing subject throws. */
export async function judgeAll(
  tasks: JudgeTask[],
  subjects: readonly PoolSubject[],
  { workers, signal, onScore }: PoolOptions,
): Promise<Score[]> {
  if (signal?.aborted) throw interrupted();
  const control = new Int32Array(new SharedArrayBuffer(4));
  const stop = () => Atomics.store(control, 0, 1);
  signal?.addEventListener('abort', stop, { once: true });
  try {
    if (workers <= 1) return await judgeHere({ tasks, control }, subjects, onScore);
    return await judgeInWorkers({ tasks, control }, subjects, Math.min(workers, subjects.length), onScore);
  } finally {
    signal?.removeEventListener('abort', stop);
  }
}

async function judgeHere(
  { tasks, control }: PoolTask,
  subjects: readonly PoolSubject[],
  onScore: PoolOptions['onScore'],
): Promise<Score[]> {
  const judges = tasks.map((task) => new Judge(task, () => control[0] !== 0));
  const scores: Score[] = [];
  try {
    for (const [job, subject] of subjects.entries()) {
      // onnxruntime blocks the thread: let timers and signals have their turn.
      await new Promise(setImmediate);
      scores.push(await judges[subject.model]!.score(subject));
      onScore?.(job, scores[job]!);
    }
  } finally {
    for (const judge of judges) await judge.release();
  }
  return scores;
}

async function judgeInWorkers(
  task: PoolTask,
  subjects: readonly PoolSubject[],
  count: number,
  onScore: PoolOptions['onScore'],
): Promise<Score[]> {
  const scores: Score[] = new Array(subjects.length);
  let next = 0;
  let failure: unknown;
  const fail = (error: unknown) => {
    failure ??= error;
    Atomics.store(task.control, 0, 1);
  };
  const ended = Array.from({ length: count }, () => {
    const worker = startThread(moduleBeside(import.meta.url, 'worker'), task);
    const send = () => {
      const job = failure === undefined ? next++ : subjects.length;
      worker.postMessage(job < subjects.length ? { job, subject: subjects[job]! } : 'end');
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
  if (Object.keys(scores).length < subjects.length) throw new Error('a worker thread ended before its work');
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
