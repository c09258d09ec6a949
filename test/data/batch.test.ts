import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fillBatch, fillLabels, fillTargets } from '../../src/data/batch.js';
import { pattern } from './layouts.js';

const normalization = { mean: [0.4914, 0.4822, 0.4465], std: [0.247, 0.2435, 0.2616] };
const shape = [3, 5, 6];
const size = 90;
const bytes = { shape, examples: pattern(4 * size) };
const floats = { shape, examples: Float32Array.from(bytes.examples, (pixel) => pixel / 255) };

/** Pads with zeros, cuts the window out, mirrors, normalises: RandomCrop and RandomHorizontalFlip written out. */
function expected(example: number, crop: number, dy: number, dx: number, mirror: boolean): number[] {
  const values: number[] = [];
  for (let c = 0; c < 3; c++)
    for (let y = 0; y < 5; y++)
      for (let x = 0; x < 6; x++) {
        const row = y + crop + dy;
        const column = (mirror ? 5 - x : x) + crop + dx;
        const inside = row >= crop && row < 5 + crop && column >= crop && column < 6 + crop;
        const pixel = inside
          ? bytes.examples[example * size + c * 30 + (row - crop) * 6 + column - crop]!
          : 0;
        values.push((pixel / 255 - normalization.mean[c]!) / normalization.std[c]!);
      }
  return values;
}

const float32Rounding = 2e-6; // three float32 roundings of values below 3

function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  return Array.from(a).reduce((most, value, i) => Math.max(most, Math.abs(value - b[i]!)), 0);
}

describe('fillBatch', () => {
  it('normalises per channel, bytes and floats alike, in the order asked for', () => {
    const order = [2, 0, 3];
    const out = new Float32Array(3 * size);
    const same = order.flatMap((example) => expected(example, 0, 0, 0, false));
    fillBatch(bytes, order, normalization, out);
    expect(largestDifference(out, same)).toBeLessThan(float32Rounding);
    fillBatch(floats, order, normalization, out);
    expect(largestDifference(out, same)).toBeLessThan(float32Rounding);
  });

  it('crops and mirrors as the written-out version does, for every word', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 0xffffffff }),
        fc.integer({ min: 0, max: 4 }),
        fc.boolean(),
        (word, crop, flip) => {
          const out = new Float32Array(size).fill(Number.NaN);
          const pick = (bits: number) => Math.floor((bits / 0x8000) * (2 * crop + 1)) - crop;
          const [dx, dy] = [pick(word % 0x8000), pick(Math.floor(word / 0x8000) % 0x8000)];
          const same = expected(1, crop, dy, dx, flip && word >= 0x80000000);
          for (const dataset of [bytes, floats]) {
            fillBatch(dataset, [1], normalization, out, { crop, flip }, [word]);
            expect(largestDifference(out, same)).toBeLessThan(float32Rounding);
          }
        },
      ),
    );
  });

  it('reaches every offset', () => {
    const corner = Float32Array.from({ length: 2 * size });
    fillBatch(bytes, [0, 0], normalization, corner, { crop: 4, flip: false }, [0, 0x3fffffff]);
    expect(largestDifference(corner.subarray(0, size), expected(0, 4, -4, -4, false))).toBeLessThan(
      float32Rounding,
    );
    expect(largestDifference(corner.subarray(size), expected(0, 4, 4, 4, false))).toBeLessThan(
      float32Rounding,
    );
  });

  it('needs a buffer of the right size, words for augmentation, and examples that exist', () => {
    const out = new Float32Array(size);
    expect(() => fillBatch(bytes, [0, 1], normalization, out)).toThrow(
      /batch buffer: 90 values, expected 180/,
    );
    expect(() => fillBatch(bytes, [0], normalization, out, { crop: 1, flip: true })).toThrow(/random words/);
    expect(() => fillBatch(bytes, [4], normalization, out)).toThrow(/no example 4/);
  });

  it('gathers labels and targets', () => {
    const labels = new Int32Array(2);
    fillLabels({ labels: Int32Array.of(5, 6, 7) }, [2, 0], labels);
    expect([...labels]).toEqual([7, 5]);
    const targets = new Float32Array(4);
    fillTargets({ targets: Float32Array.of(1, 2, 3, 4, 5, 6), targetShape: [2] }, [2, 1], targets);
    expect([...targets]).toEqual([5, 6, 3, 4]);
  });
});
