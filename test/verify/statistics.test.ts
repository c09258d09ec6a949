import { expect, test } from 'vitest';
import { randomStream } from '../../src/random/stream.js';
import { quantile, summarize, tHalfWidth } from '../../src/verify/statistics.js';

test('mean, sample standard deviation, extremes and quantiles of known numbers', () => {
  const { mean, std, min, max, p05, p50, p95 } = summarize([4, 1, 3, 2, 5]);
  expect([mean, min, max, p50]).toEqual([3, 1, 5, 3]);
  expect(std).toBeCloseTo(Math.sqrt(2.5), 12);
  // numpy.quantile([1, 2, 3, 4, 5], [0.05, 0.95])
  expect(p05).toBeCloseTo(1.2, 12);
  expect(p95).toBeCloseTo(4.8, 12);
});

test('quantiles interpolate between order statistics', () => {
  expect([0, 0.25, 0.5, 1].map((p) => quantile([10, 20, 40], p))).toEqual([10, 15, 20, 40]);
});

// Two-sided 95 % points of Student's t, as printed in tables.
test.each([
  [2, 12.706],
  [5, 2.776],
  [30, 2.045],
  [100, 1.984],
  [1000, 1.962],
])('the interval of the mean of %i values is t s / sqrt(n)', (count, t) => {
  expect(tHalfWidth(2, count)).toBeCloseTo((t * 2) / Math.sqrt(count), 2);
});

test('one chip has no spread and an interval of no width', () => {
  expect(summarize([0.5])).toEqual({
    mean: 0.5,
    std: 0,
    min: 0.5,
    p05: 0.5,
    p50: 0.5,
    p95: 0.5,
    max: 0.5,
    ci95: [0.5, 0.5],
  });
});

/** 4000 intervals of five normals each: 95 % +- 5 standard errors; over all seeds one run in 1.7 million would fail. */
test('the 95 % interval covers the true mean in 95 of 100 cases, also of five values', () => {
  const trials = 4000;
  const normals = randomStream('coverage').normals(5 * trials);
  let covered = 0;
  for (let trial = 0; trial < trials; trial++) {
    const { ci95 } = summarize([...normals.subarray(5 * trial, 5 * trial + 5)]);
    if (ci95[0] <= 0 && 0 <= ci95[1]) covered++;
  }
  expect(Math.abs(covered / trials - 0.95)).toBeLessThan(5 * Math.sqrt((0.95 * 0.05) / trials));
});

test('keeps the interval of a share within 0 ... 1', () => {
  const { ci95 } = summarize([1, 0.9, 1], [0, 1]);
  expect(ci95[0]).toBeCloseTo(0.8232, 3);
  expect(ci95[1]).toBe(1);
});
