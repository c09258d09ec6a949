/** The worker of evaluate.ts: opens a session for each request, runs it, answers, and raises the flag. */
import { type MessagePort, workerData } from 'node:worker_threads';
import { openSession } from '../../../src/runtime/session.js';
import type { Answer, Request } from './evaluate.js';

const { done, port } = workerData as { done: Int32Array; port: MessagePort };

async function answer({ model, feeds }: Request): Promise<Answer> {
  try {
    const session = await openSession(model, { threads: 1 });
    try {
      return { outputs: await session.run(feeds) };
    } finally {
      await session.release();
    }
  } catch (cause) {
    return { error: cause instanceof Error ? cause.message : String(cause) };
  }
}

port.on('message', async (request: Request) => {
  port.postMessage(await answer(request));
  Atomics.store(done, 0, 1);
  Atomics.notify(done, 0);
});
port.postMessage('ready');
