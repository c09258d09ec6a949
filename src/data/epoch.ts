/** Which example comes when, and how it is augmented: everything follows from (seed, epoch), nothing from what ran before. */
import { randomStream } from '../random/stream.js';

/** All `count` positions in the order of this epoch. */
export function epochOrder(count: number, seed: number, epoch: number): Uint32Array {
  return randomStream('data/order', seed, epoch).permutation(count);
}

/** Random words for `fillBatch`: one for each of `count` examples from position `start` of the epoch on. */
export function augmentationWords(seed: number, epoch: number, start: number, count: number): Uint32Array {
  const stream = randomStream('data/augment', seed, epoch);
  return Uint32Array.from({ length: count }, (_, i) => stream.uint32(start + i));
}

/**
 * Sets aside round(fraction x count) examples of the training split for every choice made in training (best epoch,
 * early stop). Both lists ascend. At least one example stays on each side unless the fraction is 0 or 1.
 */
export function validationSplit(
  { count }: { count: number },
  fraction = 0.1,
  seed = 0,
): { train: Uint32Array; validation: Uint32Array } {
  if (!(fraction >= 0 && fraction < 1))
    throw new RangeError(`validation fraction ${fraction} is not in [0, 1)`);
  const order = randomStream('data/validation', seed).permutation(count);
  const size = fraction === 0 ? 0 : Math.min(Math.max(1, Math.round(fraction * count)), count - 1);
  return { train: order.slice(size).sort(), validation: order.slice(0, size).sort() };
}
