/**
 * What is said of the accuracies of many chips. Sample statistics; the interval of the mean by Student's t, which is good
 * from a handful of draws on because accuracies lie between bounds. It is cut off at these bounds.
 */
import jstat from 'jstat';

export interface Statistics {
  mean: number;
  /** Sample standard deviation over chips (n - 1); 0 for a single chip. */
  std: number;
  min: number;
  p05: number;
  p50: number;
  p95: number;
  max: number;
  /** 95 % confidence interval of the mean over all chips that could be made; the mean itself, twice, for a single chip. */
  ci95: [number, number];
}

/** @param bounds of what the values can be; the interval stays within. */
export function summarize(
  values: readonly number[],
  [least, most]: readonly [number, number] = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY],
): Statistics {
  if (values.length === 0) throw new RangeError('no values to summarize');
  const sorted = [...values].sort((a, b) => a - b);
  const mean = meanOf(values);
  const std = sampleStd(values);
  const half = tHalfWidth(std, values.length);
  return {
    mean,
    std,
    min: sorted[0]!,
    p05: quantile(sorted, 0.05),
    p50: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    max: sorted.at(-1)!,
    ci95: [Math.max(least, mean - half), Math.min(most, mean + half)],
  };
}

export function meanOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0) / values.length;
}

export function sampleStd(values: readonly number[]): number {
  if (values.length < 2) return 0;
  const mean = meanOf(values);
  return Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1));
}

/** Quantile of sorted values, linear between order statistics (type 7 of Hyndman and Fan 1996; the default of numpy). */
export function quantile(sorted: readonly number[], probability: number): number {
  const place = probability * (sorted.length - 1);
  const below = sorted[Math.floor(place)]!;
  const above = sorted[Math.ceil(place)]!;
  return below + (above - below) * (place - Math.floor(place));
}

/** Half the width of the 95 % interval of a mean of `count` values: t(0.975, n - 1) s / sqrt(n). */
export function tHalfWidth(std: number, count: number): number {
  return count < 2 ? 0 : (jstat.studentt.inv(0.975, count - 1) * std) / Math.sqrt(count);
}
