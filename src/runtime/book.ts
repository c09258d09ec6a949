/**
 * What the threads of this process are giving to onnxruntime, in shared memory: onnxruntime blocks the thread that calls it, and
 * only another one can see that it does not come back (watch.ts). Kept only in a process that somebody watches over.
 */

import { getEnvironmentData, setEnvironmentData } from 'node:worker_threads';
import { int32 } from '../int32.js';

/** What one call of onnxruntime is for. */
export interface Doing {
  /** As in "when the model is …". */
  readonly what: string;
  /** What it may take, in times of what one batch of examples may; default 1. */
  readonly batches?: number;
}

/** A page begins with four numbers, then comes the text. The first page is of the whole book. */
export const pageBytes = 512;
const headBytes = 16;
const mostPages = 1024;
/** In the first page: pages taken, and the allowance for one batch in tenths of a second. */
const [taken, allowance] = [0, 1];
/** In the others: counts every begin and end, calls under way, allowance in tenths of a second, bytes of the text. */
const [changes, calls, allowed, length] = [0, 1, 2, 3];

const key = 'onnx-temper/book';
/** A batch was tried apart before, within the limit, with the machine for itself. */
const leniency = 3;
const usualSeconds = 120;

/** From now on the calls of this thread, and of threads that it starts, are written down. */
export function openBook(): SharedArrayBuffer {
  const book = new SharedArrayBuffer(mostPages * pageBytes);
  setEnvironmentData(key, book);
  allowForBatch(usualSeconds);
  return book;
}

const theBook = (): SharedArrayBuffer | undefined => getEnvironmentData(key) as SharedArrayBuffer | undefined;

/** @param seconds that one batch of the model was allowed where it was tried apart */
export function allowForBatch(seconds: number): void {
  const book = theBook();
  if (book) Atomics.store(new Int32Array(book, 0, 4), allowance, tenths(seconds * leniency));
}

const tenths = (seconds: number) => Math.min(int32.highest, Math.ceil(10 * seconds));

interface Page {
  head: Int32Array;
  text: Uint8Array;
}
let claimed: Page | 'none' | undefined;

function pageOf(book: SharedArrayBuffer, number: number): Page {
  const at = number * pageBytes;
  return {
    head: new Int32Array(book, at, headBytes / 4),
    text: new Uint8Array(book, at + headBytes, pageBytes - headBytes),
  };
}

function ownPage(): Page | undefined {
  if (claimed === undefined) {
    const book = theBook();
    if (!book) return undefined;
    const number = 1 + Atomics.add(new Int32Array(book, 0, 4), taken, 1);
    claimed = number < mostPages ? pageOf(book, number) : 'none';
  }
  return claimed === 'none' ? undefined : claimed;
}

/** Does the work, a call of onnxruntime, under the eyes of the watch. */
export async function noted<T>({ what, batches = 1 }: Doing, work: () => Promise<T>): Promise<T> {
  const page = ownPage();
  if (!page) return work();
  const { head, text } = page;
  const bytes = new TextEncoder().encode(what).subarray(0, text.length);
  text.set(bytes);
  Atomics.store(head, length, bytes.length);
  const forBatch = Atomics.load(new Int32Array(text.buffer, 0, 4), allowance);
  Atomics.store(head, allowed, Math.min(int32.highest, Math.ceil(forBatch * batches)));
  Atomics.add(head, calls, 1);
  Atomics.add(head, changes, 1);
  try {
    return await work();
  } finally {
    Atomics.sub(head, calls, 1);
    Atomics.add(head, changes, 1);
  }
}

export interface Call {
  /** Another number says that it is another call. */
  readonly mark: string;
  readonly what: string;
  readonly seconds: number;
}

/** The calls under way, of all threads. */
export function callsIn(book: SharedArrayBuffer): Call[] {
  const pages = Math.min(mostPages - 1, Atomics.load(new Int32Array(book, 0, 4), taken));
  return Array.from({ length: pages }, (_, i) => i + 1).flatMap((number) => {
    const { head, text } = pageOf(book, number);
    if (Atomics.load(head, calls) === 0) return [];
    const what = new TextDecoder().decode(text.slice(0, Atomics.load(head, length)));
    return [
      { mark: `${number}/${Atomics.load(head, changes)}`, what, seconds: Atomics.load(head, allowed) / 10 },
    ];
  });
}
