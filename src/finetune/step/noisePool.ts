/**
 * Training noise is cut from a pool of prepared normals at random offsets: under 1 ns a value, where drawing them takes 8 to
 * 35. The pool holds each number with both signs, so that the offset also decides the sign. No run holds the same number
 * twice, but the runs of different tensors in one step are placed independently and may overlap, and a later step may meet
 * numbers of an earlier one at other weights. Any two runs of the 36,864 weights of a ResNet-20 layer share numbers in 3.5 %
 * of the steps, and in as many the same numbers with opposite sign. The chips that judge a result are never drawn from here,
 * but from a stream of their own.
 */

import { type HostTensor, panelWidth } from '../../compile/index.js';
import { randomStream } from '../../random/stream.js';

const [smallestHalf, largestHalf] = [2 ** 16, 2 ** 20];

/** Values in the pool if the longest run is `longest` normals: 64 runs, within limits, but never less than two. */
export function poolSize(longest: number): number {
  const usual = Math.min(Math.max(64 * longest, smallestHalf), largestHalf);
  return 2 * panelWidth * Math.ceil(Math.max(usual, longest) / panelWidth);
}

export function makePool(longest: number, seed: number): HostTensor {
  const size = poolSize(longest);
  const drawn = randomStream('finetune/pool', seed).normals(size / 2);
  const data = new Float32Array(size);
  data.set(drawn);
  for (let i = 0; i < drawn.length; i++) data[drawn.length + i] = -drawn[i]!;
  return { type: 'float32', dims: [size], data };
}

/** Where the runs of this step begin, multiples of `panelWidth`: one per length, for a pool made for the longest of them. */
export function poolOffsets(lengths: readonly number[], seed: number, step: number): Int32Array {
  const size = poolSize(Math.max(0, ...lengths));
  const stream = randomStream('finetune/offsets', seed, step);
  return Int32Array.from(lengths, (length, tensor) => {
    const places = Math.floor((size - length) / panelWidth) + 1;
    return panelWidth * stream.integers(1, places, tensor)[0]!;
  });
}
