/**
 * The thread that watches over the process apart (apart.ts): over memory, over time, and over the parent, after whose death
 * nobody else would end a loop without end.
 */

import { writeSync } from 'node:fs';
import { parentPort } from 'node:worker_threads';
import type { Limits } from './apart.js';
import { delayOf } from './delay.js';

/** Milliseconds between two looks. */
const interval = 20;
const standardError = 2;

const parent = process.ppid;
let allowed = Number.POSITIVE_INFINITY;
let timer: NodeJS.Timeout | undefined;

/** At once: the other thread may be inside onnxruntime. */
function end(over?: 'memory' | 'time'): void {
  if (over) writeSync(standardError, `\n{"over":"${over}"}\n`);
  process.kill(process.pid, 'SIGKILL');
}

parentPort!.on('message', (limits: Limits | 'rest') => {
  clearTimeout(timer);
  allowed = limits === 'rest' ? Number.POSITIVE_INFINITY : limits.bytes;
  if (limits !== 'rest') timer = setTimeout(() => end('time'), delayOf(limits.seconds));
});
setInterval(() => {
  if (process.ppid !== parent) end();
  if (process.memoryUsage.rss() > allowed) end('memory');
}, interval);
parentPort!.postMessage('ready');
