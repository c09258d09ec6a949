/**
 * Runs a model at once, while the caller waits: tfjs's `dataSync` returns a value, onnxruntime-node a promise. The session
 * is a worker's (evaluator.ts); this thread sleeps on a shared flag meanwhile.
 */
import { once } from 'node:events';
import { MessageChannel, receiveMessageOnPort, Worker } from 'node:worker_threads';
import type { HostTensor } from '../../../src/runtime/host.js';

export interface Request {
  model: Uint8Array;
  feeds: Record<string, HostTensor>;
}

export type Answer = { outputs: Record<string, HostTensor> } | { error: string };

/** Milliseconds after which a run counts as hanging. */
const longest = 60_000;

const done = new Int32Array(new SharedArrayBuffer(4));
const { port1: port, port2: theirs } = new MessageChannel();
// A worker does not inherit the loader that reads TypeScript.
const start = `import('${import.meta.resolve('tsx/esm/api')}').then(({ register }) => {
  register();
  return import('${new URL('./evaluator.ts', import.meta.url)}');
});`;
const worker = new Worker(start, {
  eval: true,
  workerData: { done, port: theirs },
  transferList: [theirs],
});
/** Await this first: a worker cannot start while this thread sleeps. */
export const ready = once(port, 'message').then(() => {
  worker.unref();
  port.unref();
});

/** How many models were run. */
export const runs = { count: 0 };

/** The outputs of the model. Throws what onnxruntime says, as an Error. */
export function evaluate(request: Request): Record<string, HostTensor> {
  runs.count++;
  Atomics.store(done, 0, 0);
  port.postMessage(request);
  // A late notice of the answer before may wake us early.
  while (Atomics.load(done, 0) === 0) {
    if (Atomics.wait(done, 0, 0, longest) === 'timed-out')
      throw new Error(`onnxruntime took over ${longest} ms`);
  }
  const answer: Answer = receiveMessageOnPort(port)!.message;
  if ('error' in answer) throw new Error(answer.error);
  return answer.outputs;
}
