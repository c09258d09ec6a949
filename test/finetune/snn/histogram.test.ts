import fc from 'fast-check';
import { expect, it } from 'vitest';
import { PositiveHistogram } from '../../../src/finetune/snn/histogram.js';

function histogramOf(...chunks: number[][]): PositiveHistogram {
  const histogram = new PositiveHistogram();
  for (const chunk of chunks) histogram.add(Float32Array.from(chunk));
  return histogram;
}

it('counts values above zero only', () => {
  const histogram = histogramOf([0, -0, -3, 1e-40, 2], [0, 5]);
  expect(histogram.count).toBe(3);
  expect(histogram.percentile(100)).toBe(5);
});

it('gives percentiles within 0.05 % of the sorted values, in any order and cut', () => {
  const value = fc.float({ min: Math.fround(1e-6), max: Math.fround(1e6), noNaN: true });
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 400 }),
      fc.double({ min: 1, max: 100, noNaN: true }),
      (values, percent) => {
        const sorted = [...values].sort((a, b) => a - b);
        const wanted = sorted[Math.max(0, Math.ceil((values.length * percent) / 100) - 1)]!;
        const found = histogramOf(values).percentile(percent);
        expect(Math.abs(found - wanted) / wanted).toBeLessThanOrEqual(2 ** -11);
        const half = values.length >> 1;
        expect(histogramOf(values.slice(half).reverse(), values.slice(0, half)).percentile(percent)).toBe(
          found,
        );
      },
    ),
  );
});

it('never exceeds the maximum', () => {
  expect(histogramOf([1.0001, 1.0002]).percentile(99.9)).toBeLessThanOrEqual(Math.fround(1.0002));
});

it('refuses what is no finite number, and percentiles of nothing', () => {
  expect(() => histogramOf([1, Number.NaN])).toThrow(/not a finite number/);
  expect(() => histogramOf([Infinity])).toThrow(/not a finite number/);
  expect(() => histogramOf([-Infinity])).toThrow(/not a finite number/);
  expect(() => histogramOf([0, -1]).percentile(99.9)).toThrow(/no positive value/);
});
