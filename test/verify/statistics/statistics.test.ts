import { expect, test } from 'vitest';
import { accuracyBounds } from '../../../src/verify/statistics/meanBounds.js';
import { quantile, summarize } from '../../../src/verify/statistics/statistics.js';

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
])('without bounds, the interval of the mean of %i values is t s / sqrt(n)', (count, t) => {
  const values = Array.from({ length: count }, (_, i) => (i % 2 === 0 ? 1 : -1));
  const { mean, std, standardError, ci95 } = summarize(values);
  expect(standardError).toBeCloseTo(std / Math.sqrt(count), 12);
  expect((ci95![1] - mean) / standardError!).toBeCloseTo(t, 2);
  expect((mean - ci95![0]) / standardError!).toBeCloseTo(t, 2);
});

test('one chip has no interval', () => {
  expect(summarize([0.5], { bounds: accuracyBounds, examples: [0, 1] })).toEqual({
    mean: 0.5,
    std: 0,
    min: 0.5,
    p05: 0.5,
    p50: 0.5,
    p95: 0.5,
    max: 0.5,
    examples: { count: 2, mean: 0.5, meanSquare: 0.5, least: 0, most: 1 },
  });
});

test('values that are no numbers are never sorted in silence', () => {
  expect(() => summarize([0.5, Number.NaN])).toThrow(/not finite/);
  expect(() => summarize([Number.POSITIVE_INFINITY])).toThrow(/not finite/);
});

// Exact limits by Clopper and Pearson (1934), two-sided 95 %, as R's binom.test prints them.
test.each([
  [19, 20, 0.7512672, 0.9987349],
  [10, 10, 0.6915029, 1],
  [0, 10, 0, 0.3084971],
  [3, 5, 0.1466328, 0.947255],
])('of values 0 and 1 the interval is that of Clopper and Pearson: %i of %i', (ones, count, least, most) => {
  const values = Array.from({ length: count }, (_, i) => (i < ones ? 1 : 0));
  const { ci95 } = summarize(values, { bounds: accuracyBounds });
  expect(ci95![0]).toBeCloseTo(least, 6);
  expect(ci95![1]).toBeCloseTo(most, 6);
});

test('alike chips may have hidden one that is dead', () => {
  const { ci95 } = summarize(Array(20).fill(0.9), { bounds: accuracyBounds });
  expect(ci95![0]).toBeCloseTo(0.9 * 0.025 ** (1 / 20), 6);
  expect(ci95![1]).toBeCloseTo(1 - 0.1 * 0.025 ** (1 / 20), 6);
});

test('few examples widen the interval, many hardly', () => {
  const chips = [0.5, 0.5, 0.5, 0.5];
  const widthOn = (count: number) => {
    const examples = Array.from({ length: count }, (_, i) => i % 2);
    const { ci95 } = summarize(chips, { bounds: accuracyBounds, examples });
    return ci95![1] - ci95![0];
  };
  const { ci95 } = summarize(chips, { bounds: accuracyBounds });
  const alone = ci95![1] - ci95![0];
  expect(widthOn(4)).toBeGreaterThan(1.2 * alone);
  expect(widthOn(10_000) / alone).toBeCloseTo(1, 2);
});

test('the standard error is that of both samples', () => {
  const { standardError } = summarize([0.2, 0.4, 0.6], { examples: [0, 0.4, 0.4, 0.8] });
  expect(standardError).toBeCloseTo(Math.sqrt(0.04 / 3 + 0.32 / 3 / 4), 12);
});
