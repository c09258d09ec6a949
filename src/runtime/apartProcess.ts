/**
 * The process apart (apart.ts). Its main thread does the work; onnxruntime blocks it meanwhile, so a second thread keeps the
 * watch: over memory, over time, and over the parent, after whose death nobody else would end a loop without end.
 */
import { writeSync } from 'node:fs';
import { isMainThread, parentPort, Worker } from 'node:worker_threads';
import { TemperError } from '../errors.js';
import type { Limits, Order, Word } from './apart.js';

/** Milliseconds between two looks. */
const interval = 20;
const standardError = 2;

type Work = (argument: unknown, doing: (what: string) => void) => Promise<unknown>;

function serve(): void {
  const tell = (word: Word) => void process.send!(word);
  const watcher = new Worker(new URL(import.meta.url));
  // Ctrl-C reaches every process of the terminal; whether this one ends is its parent's matter.
  process.on('SIGINT', () => {});
  process.on('disconnect', end);
  process.on('message', async ({ module, argument, limits }: Order) => {
    watcher.postMessage(limits);
    const word = await answer(module, argument, tell);
    watcher.postMessage('rest');
    tell(word);
  });
  watcher.once('message', () => tell({ ready: true }));
}

async function answer(module: string, argument: unknown, tell: (word: Word) => void): Promise<Word> {
  try {
    const { work } = (await import(module)) as { work: Work };
    const done = await work(argument, (doing) => tell({ doing }));
    return { done, resident: process.memoryUsage.rss() };
  } catch (error) {
    if (!(error instanceof TemperError))
      return { bug: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    const { kind, problems } = error;
    return { refused: { kind, problems }, resident: process.memoryUsage.rss() };
  }
}

function watch(): void {
  const parent = process.ppid;
  let allowed = Number.POSITIVE_INFINITY;
  let timer: NodeJS.Timeout | undefined;
  const endOver = (over: 'memory' | 'time') => {
    writeSync(standardError, `\n{"over":"${over}"}\n`);
    end();
  };
  parentPort!.on('message', (limits: Limits | 'rest') => {
    clearTimeout(timer);
    allowed = limits === 'rest' ? Number.POSITIVE_INFINITY : limits.bytes;
    if (limits !== 'rest')
      timer = setTimeout(() => endOver('time'), Math.min(1000 * limits.seconds, 2 ** 31 - 1));
  });
  setInterval(() => {
    if (process.ppid !== parent) end();
    if (process.memoryUsage.rss() > allowed) endOver('memory');
  }, interval);
  parentPort!.postMessage('ready');
}

/** At once: leaving in order would wait for what onnxruntime computes. */
function end(): void {
  process.kill(process.pid, 'SIGKILL');
}

if (isMainThread) serve();
else watch();
