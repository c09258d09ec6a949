/**
 * A worker thread of the pool: judges what it is sent, one trial after another. It ends by itself when its port is closed,
 * never by force: ending a thread inside onnxruntime would abort the process.
 */
import { parentPort, workerData } from 'node:worker_threads';
import { Judge } from './judge.js';
import { describeFailure, type PoolTask, type Reply, type Request } from './pool.js';

const { tasks, control } = workerData as PoolTask;
const judges = new Map<number, Judge>();

async function answer({ job, trial }: Request): Promise<Reply> {
  try {
    const judge =
      judges.get(trial.model) ?? new Judge(tasks[trial.model]!, () => Atomics.load(control, 0) !== 0);
    judges.set(trial.model, judge);
    return { job, score: await judge.score(trial) };
  } catch (error) {
    return { job, failure: describeFailure(error) };
  }
}

parentPort!.on('message', async (request: Request | 'end') => {
  if (request !== 'end') {
    parentPort!.postMessage(await answer(request));
    return;
  }
  for (const judge of judges.values()) await judge.release();
  parentPort!.close();
});
