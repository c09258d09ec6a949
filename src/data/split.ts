/** Splits of data that come without one: a seeded permutation decides, never the order of the files. */
import { randomStream } from '../random/stream.js';
import type { Split } from './dataset.js';
import type { ReadRequest } from './reader.js';

/**
 * Indices of `train` and `test`, each in the drawn order. The first round(testFraction x count) of the permutation are
 * `test`: the same seed gives the same pictures in every stage, so nothing trained on is tested on.
 */
export function drawSplit(count: number, testFraction: number, seed: number): Record<Split, Uint32Array> {
  const order = randomStream('data/split', seed).permutation(count);
  const tests = Math.round(testFraction * count);
  return { test: order.subarray(0, tests), train: order.subarray(tests) };
}

/**
 * The part of `count` undivided examples that is asked for, in the drawn order, and a sentence on which it is: somebody's own
 * pile is taken `whole` only to be judged, and only a draw keeps what is trained on from being tested on.
 */
export function partOf(
  count: number,
  { split, testFraction, splitSeed, undivided }: ReadRequest,
): { indices: Uint32Array; note: string } {
  const whole = undivided === 'whole';
  const fraction = whole ? { test: 1, train: 0 }[split] : testFraction;
  const indices = drawSplit(count, fraction, splitSeed)[split];
  if (whole)
    return {
      indices,
      note: `The data have no train and test parts: all ${count} examples are taken as the ${split} part. Of data that were trained on, :test takes the share that was kept aside.`,
    };
  const share = split === 'test' ? testFraction : 1 - testFraction;
  return {
    indices,
    note: `The data have no train and test parts: ${indices.length} of ${count} examples, a drawn share of ${Number(share.toFixed(6))}, are the ${split} part (--test-fraction, --split-seed ${splitSeed}).`,
  };
}

/** The chosen examples of a flat array, `size` values each, in the order of `indices`. */
export function takeExamples<T extends Uint8Array | Int32Array | Float32Array>(
  values: T,
  size: number,
  indices: Uint32Array,
): T {
  const taken = new (values.constructor as new (length: number) => T)(indices.length * size);
  for (let i = 0; i < indices.length; i++)
    taken.set(values.subarray(indices[i]! * size, (indices[i]! + 1) * size), i * size);
  return taken;
}
