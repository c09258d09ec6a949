/**
 * A stream of random numbers with an address for each: the value at index i is a function of (key, i) alone, whatever was
 * asked before, in whatever order, on whatever machine. Philox4x32-10 (philox.ts) under a 128-bit hash of the key parts.
 */
import { createHash } from 'node:crypto';
import { philox } from './philox.js';

export type KeyPart = number | string;

/** Uniforms, normals, integers of one stream are made of the same words: for independent values use another key. */
export interface RandomStream {
  /** Word i, 0 ... 2^32 - 1. */
  uint32(index: number): number;
  /** Uniforms start ... start + count - 1, strictly between 0 and 1 (odd multiples of 2^-24, exact in float32). */
  uniforms(count: number, start?: number): Float32Array;
  /** Standard normals start ... start + count - 1; at most 6.67 in magnitude. */
  normals(count: number, start?: number): Float32Array;
  /** A permutation of 0 ... n - 1. */
  permutation(n: number): Uint32Array;
  /** Integers 0 ... below - 1; each has its probability to within 2^-53. */
  integers(count: number, below: number, start?: number): Uint32Array;
}

/** The stream of a key. The parts are told apart: ('a', 1), ('a1') and ('a', '1') are three different streams. */
export function randomStream(...key: KeyPart[]): RandomStream {
  const words = hashKey(key);
  const one = new Uint32Array(4);
  return {
    uint32(index) {
      fillBlocks(words, Math.floor(checkIndex(index) / 4), one);
      return one[index % 4]!;
    },
    uniforms: (count, start = 0) => uniforms(words, checkIndex(count), checkIndex(start)),
    normals: (count, start = 0) => normals(words, checkIndex(count), checkIndex(start)),
    permutation: (n) => permutation(words, checkIndex(n)),
    integers: (count, below, start = 0) => integers(words, checkIndex(count), below, checkIndex(start)),
  };
}

type HashWords = readonly [number, number, number, number];

/** 128 bits of SHA-256 over the parts as JSON: two streams share a key with probability 2^-128. */
function hashKey(key: readonly KeyPart[]): HashWords {
  if (key.some((part) => typeof part === 'number' && !Number.isFinite(part))) {
    throw new RangeError(`random key parts must be finite: ${key.join(', ')}`);
  }
  const digest = createHash('sha256').update(JSON.stringify(key)).digest();
  return [digest.readUInt32LE(0), digest.readUInt32LE(4), digest.readUInt32LE(8), digest.readUInt32LE(12)];
}

function checkIndex(index: number): number {
  if (!Number.isSafeInteger(index) || index < 0) throw new RangeError(`not an index: ${index}`);
  return index;
}

/** Fills `out` (a multiple of 4 long) with blocks first, first + 1, ... The counter is (block, hash words 2 and 3). */
function fillBlocks(words: HashWords, first: number, out: Uint32Array): void {
  const [key0, key1, high0, high1] = words;
  for (let offset = 0, block = first; offset < out.length; offset += 4, block++) {
    philox(block >>> 0, Math.floor(block / 0x100000000), high0, high1, key0, key1, out, offset);
  }
}

/** Calls `use` with runs of whole blocks that cover the words first ... last; `at` is the index of the run's first word. */
function forWords(
  words: HashWords,
  first: number,
  last: number,
  use: (run: Uint32Array, at: number) => void,
): void {
  const run = new Uint32Array(1024);
  for (let at = first - (first % 4); at < last; at += run.length) {
    const length = Math.min(run.length, Math.ceil((last - at) / 4) * 4);
    const part = length === run.length ? run : run.subarray(0, length);
    fillBlocks(words, at / 4, part);
    use(part, at);
  }
}

/** Uniform i comes from the upper 23 bits b of word i: (2b + 1) / 2^24, symmetric about 1/2. */
function uniforms(words: HashWords, count: number, start: number): Float32Array {
  const out = new Float32Array(count);
  forWords(words, start, start + count, (run, at) => {
    for (let i = Math.max(at, start); i < Math.min(at + run.length, start + count); i++) {
      out[i - start] = (2 * (run[i - at]! >>> 9) + 1) * 2 ** -24;
    }
  });
  return out;
}

/**
 * Box and Muller (1958): normals 2j and 2j + 1 are r cos(a) and r sin(a), where r = sqrt(-2 ln u) with u = (w + 1) / 2^32 in
 * (0, 1] from word w at 2j, and a = 2 pi v / 2^32 from word v at 2j + 1. So a normal needs no words but its own pair's.
 */
function normals(words: HashWords, count: number, start: number): Float32Array {
  const out = new Float32Array(count);
  const end = start + count;
  forWords(words, start - (start % 2), end, (run, at) => {
    for (let j = 0; j < run.length; j += 2) {
      const i = at + j;
      if (i + 1 < start || i >= end) continue;
      const radius = Math.sqrt(-2 * Math.log((run[j]! + 1) * 2 ** -32));
      const angle = 2 * Math.PI * (run[j + 1]! * 2 ** -32);
      if (i >= start) out[i - start] = radius * Math.cos(angle);
      if (i + 1 < end) out[i + 1 - start] = radius * Math.sin(angle);
    }
  });
  return out;
}

/** Integer i comes from the 53 upper bits of words 2i and 2i + 1; their product with `below` never rounds up to it. */
function integers(words: HashWords, count: number, below: number, start: number): Uint32Array {
  if (!Number.isInteger(below) || below < 1 || below > 2 ** 32) {
    throw new RangeError(`integers below ${below}: expected 1 ... 2^32`);
  }
  const out = new Uint32Array(count);
  forWords(words, 2 * start, 2 * (start + count), (run, at) => {
    for (let j = 0; j < run.length; j += 2) {
      const i = (at + j) / 2;
      if (i >= start && i < start + count)
        out[i - start] = Math.floor(fraction(run[j]!, run[j + 1]!) * below);
    }
  });
  return out;
}

/** In [0, 1), a multiple of 2^-53. */
function fraction(high: number, low: number): number {
  return (high * 0x200000 + (low >>> 11)) * 2 ** -53;
}

/** Fisher and Yates (Durstenfeld's form): place n - 1 - i swaps with a place at or below it, chosen by integer i. */
function permutation(words: HashWords, n: number): Uint32Array {
  const order = Uint32Array.from({ length: n }, (_, i) => i);
  forWords(words, 0, 2 * n, (run, at) => {
    for (let j = 0; j < run.length; j += 2) {
      const place = n - 1 - (at + j) / 2;
      if (place < 1) return;
      const other = Math.floor(fraction(run[j]!, run[j + 1]!) * (place + 1));
      const value = order[place]!;
      order[place] = order[other]!;
      order[other] = value;
    }
  });
  return order;
}
