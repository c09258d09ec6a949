import { describe, expect, test } from 'vitest';
import { randomStream } from '../../../src/random/stream.js';
import {
  boundRank,
  drawsNeeded,
  lowerShare,
  toleranceOf,
  upperShare,
} from '../../../src/verify/statistics/tolerance.js';

/** P(X >= least) of a binomial, term by term. */
function atLeast(least: number, draws: number, probability: number): number {
  let [term, sum] = [(1 - probability) ** draws, 0];
  for (let k = 0; k <= draws; k++) {
    if (k >= least) sum += term;
    term *= ((draws - k) / (k + 1)) * (probability / (1 - probability));
  }
  return sum;
}

// First and second order of Wilks: 59, 93, 124, 153, 181 draws for 95 % with confidence 95 %.
test.each([
  [58, 0],
  [59, 1],
  [92, 1],
  [93, 2],
  [123, 2],
  [124, 3],
  [153, 4],
  [181, 5],
])('of %i draws the no. %i from the worst bounds 95 % of all chips', (draws, rank) => {
  expect(boundRank(draws, 0.95, 0.95)).toBe(rank);
});

test.each([
  [0.95, 0.95, 59],
  [0.9, 0.95, 29],
  [0.95, 0.99, 90],
  [0.99, 0.95, 299],
  [0.5, 0.75, 2],
  [1, 0.95, Number.POSITIVE_INFINITY],
])('%f of all chips with confidence %f need %i draws', (share, confidence, draws) => {
  expect(drawsNeeded(share, confidence)).toBe(draws);
});

test('the rank is the highest that the binomial distribution allows', () => {
  for (const draws of [60, 77, 200, 1000])
    for (const [share, confidence] of [
      [0.95, 0.95],
      [0.9, 0.99],
      [0.5, 0.9],
    ] as const) {
      const rank = boundRank(draws, share, confidence);
      expect(atLeast(rank, draws, 1 - share)).toBeGreaterThanOrEqual(confidence);
      expect(atLeast(rank + 1, draws, 1 - share)).toBeLessThan(confidence);
    }
});

describe('Clopper and Pearson', () => {
  test.each([
    [1, 20],
    [19, 20],
    [57, 59],
    [190, 200],
    [40, 1000],
  ])(
    '%i of %i would be reached with 5 % at the lower bound, and missed with 5 % at the upper',
    (passed, draws) => {
      expect(atLeast(passed, draws, lowerShare(passed, draws, 0.95))).toBeCloseTo(0.05, 6);
      expect(1 - atLeast(passed + 1, draws, upperShare(passed, draws, 0.95))).toBeCloseTo(0.05, 6);
    },
  );

  test('all or none of them: in closed form', () => {
    expect(lowerShare(59, 59, 0.95)).toBeCloseTo(0.05 ** (1 / 59), 12);
    expect(upperShare(0, 59, 0.95)).toBeCloseTo(1 - 0.05 ** (1 / 59), 12);
    expect([lowerShare(0, 9, 0.95), upperShare(9, 9, 0.95)]).toEqual([0, 1]);
  });
});

/**
 * Chips uniform on 0 ... 1, so that 1 - x of all chips reach x. 4000 samples: 95 % +- 5 standard errors at the least (for
 * ranks above 1 it is more by the steps of the binomial); over all seeds one case in 3.5 million would fail.
 */
test.each([2, 5, 20, 59, 100, 200])(
  'what %i chips are said to bear out holds in 95 of 100 cases',
  (draws) => {
    const trials = 4000;
    const values = randomStream('tolerance', draws).uniforms(trials * draws);
    let held = 0;
    for (let trial = 0; trial < trials; trial++) {
      const own = [...values.subarray(trial * draws, (trial + 1) * draws)];
      const { share, value, confidence } = toleranceOf(own, draws, false)!;
      expect(confidence).toBe(0.95);
      if (1 - value >= share) held++;
    }
    expect(held / trials).toBeGreaterThan(0.95 - 5 * Math.sqrt((0.95 * 0.05) / trials));
  },
);

test('the worst of 20 bounds 86 %, of 59 the usual 95 %', () => {
  const values = Array.from({ length: 20 }, (_, i) => i / 20);
  expect(toleranceOf(values, 20, false)).toEqual({
    share: expect.closeTo(0.8609, 4),
    confidence: 0.95,
    value: 0,
    rank: 1,
  });
  expect(toleranceOf(values, 20, true)).toMatchObject({ value: 0.95, rank: 1 });
  expect(toleranceOf(Array(59).fill(0.5), 59, false)).toMatchObject({ share: 0.95, value: 0.5, rank: 1 });
});

test('nothing is said of one chip, nor where the chip that would be the bound has no number', () => {
  expect(toleranceOf([0.5], 1, false)).toBeUndefined();
  expect(toleranceOf(Array(19).fill(0.5), 20, false)).toBeUndefined();
  // Of 100 the second worst is the bound; one without a number is the worst.
  const values = Array.from({ length: 99 }, (_, i) => i / 100);
  expect(toleranceOf(values, 100, false)).toMatchObject({ share: 0.95, rank: 2, value: 0 });
  expect(toleranceOf(values, 100, true)).toMatchObject({ share: 0.95, rank: 2, value: 0.98 });
  expect(toleranceOf(values.slice(1), 100, false)).toBeUndefined();
});
