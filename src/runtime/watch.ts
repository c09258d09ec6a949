/**
 * The thread that watches over a process whose main thread onnxruntime may block for ever (book.ts). It tells the process above
 * what is being done, and ends this one if a call takes too long or if nobody is above any more.
 */
import { writeSync } from 'node:fs';
import { workerData } from 'node:worker_threads';
import { callsIn } from './book.js';

export interface Watch {
  book: SharedArrayBuffer;
  /** Descriptor to the process above, which reads `Sight`s from it, a line each. */
  report: number;
  /** The process above. */
  parent: number;
}

/** What the calls are for that are under way, empty if there are none; `over`: the process ends now, for this took too long. */
export interface Sight {
  readonly seen: string;
  readonly over?: { readonly seconds: number };
}

/** Milliseconds between two looks. Looks are counted, not time: a paused process does not look. */
const interval = 50;

const { book, report, parent } = workerData as Watch;
const looks = new Map<string, number>();
let told = '';

function tell(sight: Sight): void {
  try {
    writeSync(report, `${JSON.stringify(sight)}\n`);
  } catch {
    // Nobody is above: seen at the next look.
  }
}

/** At once: the main thread may be inside onnxruntime. */
const end = () => process.kill(process.pid, 'SIGKILL');

setInterval(() => {
  if (process.ppid !== parent) end();
  const calls = callsIn(book);
  const marks = new Set(calls.map(({ mark }) => mark));
  for (const mark of looks.keys()) if (!marks.has(mark)) looks.delete(mark);
  for (const { mark, what, seconds } of calls) {
    const count = (looks.get(mark) ?? 0) + 1;
    looks.set(mark, count);
    if ((count * interval) / 1000 <= seconds) continue;
    tell({ seen: what, over: { seconds } });
    end();
  }
  const seen = calls.map(({ what }) => what).join(' and ');
  if (seen !== told) tell({ seen });
  told = seen;
}, interval);
