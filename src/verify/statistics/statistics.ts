/**
 * What is said of the values of many chips: of those sampled (mean, spread, extremes, quantiles), and of the mean of all that
 * could be made. The share of chips that reach a value is another matter (tolerance.ts).
 */
import { type Bounds, type Crossed, meanInterval, standardError, unbounded } from './meanBounds.js';
import { momentsOf, type SampleMoments } from './moments.js';

/** Of the sampled chips that put out numbers, unless it says otherwise. */
export interface Statistics {
  mean: number;
  /** Sample standard deviation over chips (n - 1); 0 for a single chip. */
  std: number;
  min: number;
  /** Quantiles of this sample; no promise about other chips. */
  p05: number;
  p50: number;
  p95: number;
  max: number;
  /** Of the mean, over chips and examples; absent for a single chip. */
  standardError?: number;
  /** 95 % confidence interval of the mean over all chips and all examples; absent for a single chip. */
  ci95?: [number, number];
  /** Moments over examples of their means over chips: with the draws, all that intervals need. */
  examples?: SampleMoments;
}

export interface Sampling {
  bounds?: Bounds;
  /** Means over chips, for each example. */
  examples?: ArrayLike<number> | undefined;
}

/** @param values of the chips that put out numbers. */
export function summarize(
  values: readonly number[],
  { bounds = unbounded, examples }: Sampling = {},
): Statistics {
  if (values.length === 0) throw new RangeError('no values to summarize');
  if (values.some((value) => !Number.isFinite(value))) throw new RangeError('a value is not finite');
  const sorted = [...values].sort((a, b) => a - b);
  const crossed: Crossed = { chips: momentsOf(values), ...(examples && { examples: momentsOf(examples) }) };
  const ci95 = meanInterval(crossed, bounds);
  return {
    mean: meanOf(values),
    std: sampleStd(values),
    min: sorted[0]!,
    p05: quantile(sorted, 0.05),
    p50: quantile(sorted, 0.5),
    p95: quantile(sorted, 0.95),
    max: sorted.at(-1)!,
    ...(ci95 && { standardError: standardError(crossed), ci95 }),
    ...(crossed.examples && { examples: crossed.examples }),
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
