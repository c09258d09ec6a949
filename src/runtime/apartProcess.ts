/** The process apart (apart.ts). Its main thread does the work, in which onnxruntime blocks it: another one keeps the watch. */
import { TemperError } from '../errors.js';
import type { ApartTask, Word } from './apart.js';
import { moduleBeside, startThread } from './thread.js';

type Work = (argument: unknown, doing: (what: string) => void) => Promise<unknown>;

function serve(): void {
  const tell = (word: Word) => void process.send!(word);
  const watcher = startThread(moduleBeside(import.meta.url, 'apartWatch'));
  // Ctrl-C reaches every process of the terminal; whether this one ends is its parent's matter.
  process.on('SIGINT', () => {});
  process.on('disconnect', end);
  process.on('message', async ({ module, argument, limits }: ApartTask) => {
    const word = await answer(async () => {
      const { work } = (await import(module)) as { work: Work };
      // Only now: a busy machine takes seconds to load our own code.
      watcher.postMessage(limits);
      return work(argument, (doing) => tell({ doing }));
    });
    watcher.postMessage('rest');
    tell(word);
  });
  watcher.once('message', () => tell({ ready: true }));
}

async function answer(work: () => Promise<unknown>): Promise<Word> {
  try {
    const done = await work();
    return { done, resident: process.memoryUsage.rss() };
  } catch (error) {
    if (!(error instanceof TemperError))
      return { bug: error instanceof Error ? (error.stack ?? error.message) : String(error) };
    const { kind, problems } = error;
    return { refused: { kind, problems }, resident: process.memoryUsage.rss() };
  }
}

/** At once: leaving in order would wait for what onnxruntime computes. */
function end(): void {
  process.kill(process.pid, 'SIGKILL');
}

serve();
