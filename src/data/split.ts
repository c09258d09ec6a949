/** Splits of data that come without one: a seeded permutation decides, never the order of the files. */
import { randomStream } from '../random/stream.js';
import type { Split } from './dataset.js';

/**
 * Indices of `train` and `test`, each in the drawn order. The first round(testFraction x count) of the permutation are
 * `test`: the same seed gives the same pictures in every stage, so nothing trained on is tested on.
 */
export function drawSplit(count: number, testFraction: number, seed: number): Record<Split, Uint32Array> {
  const order = randomStream('data/split', seed).permutation(count);
  const tests = Math.round(testFraction * count);
  return { test: order.subarray(0, tests), train: order.subarray(tests) };
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
