import { expect, it } from 'vitest';
import { makePool, poolOffsets, poolSize } from '../../../src/finetune/step/noisePool.js';

it('holds standard normals, each with both signs', () => {
  const { data, dims } = makePool(100, 7);
  const values = data as Float32Array;
  const half = values.length / 2;
  expect(dims).toEqual([values.length]);
  expect(values.slice(half)).toEqual(values.slice(0, half).map((value) => -value));
  // 2^16 drawn numbers: the mean square is 1 within 5 standard errors, sqrt(2 / 2^16) each.
  const square = values.reduce((sum, value) => sum + value * value, 0) / values.length;
  expect(Math.abs(square - 1)).toBeLessThan(5 * Math.sqrt(2 / half));
});

it('is long enough for its longest run, and never gives a run the same number twice', () => {
  for (const longest of [1, 1e5, 3e6]) {
    expect(poolSize(longest)).toBeGreaterThanOrEqual(2 * longest);
    const offsets = Array.from({ length: 200 }, (_, step) => poolOffsets([longest, 1], 1, step));
    for (const [long, short] of offsets) {
      expect(long).toBeGreaterThanOrEqual(0);
      expect(long! + longest).toBeLessThanOrEqual(poolSize(longest));
      expect(short).toBeLessThan(poolSize(longest));
    }
  }
});

it('draws offsets from (seed, step, tensor) alone', () => {
  expect(poolOffsets([10, 10], 1, 5)).toEqual(poolOffsets([10, 10], 1, 5));
  const seen = new Set(
    [poolOffsets([10, 10], 1, 5), poolOffsets([10, 10], 1, 6), poolOffsets([10, 10], 2, 5)].map(String),
  );
  expect(seen.size).toBe(3);
  const [first, second] = poolOffsets([10, 10], 1, 5);
  expect(first).not.toBe(second);
});
