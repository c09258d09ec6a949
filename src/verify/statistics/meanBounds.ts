/**
 * How far the mean over all chips and all examples may lie from the mean of those at hand. Chips and examples are crossed,
 * every chip sees every example, so both are counted: first each alone, then together.
 *
 * Values with a bound (accuracies lie in 0 ... 1) get a limit that holds whatever their distribution is: one value at the
 * bound is added, as the draw that was never seen, and all weighted at random (Gaffke 2005; Learned-Miller and Thomas,
 * arXiv:1905.06208). For values 0 and 1 that is Clopper and Pearson's limit. Student's t would promise too much: among five
 * chips there is mostly no dead one, and an interval as narrow as their spread then misses the mean in three cases of four.
 * Errors have no upper bound; on that side only Student's t is left, which knows nothing of rare chips it has not seen.
 */
import jstat from 'jstat';
import { type SampleMoments, shifted, variance } from './moments.js';

/** What the values can be; infinite where there is no bound. */
export type Bounds = readonly [least: number, most: number];
export const accuracyBounds: Bounds = [0, 1];
export const differenceBounds: Bounds = [-1, 1];
export const errorBounds: Bounds = [0, Number.POSITIVE_INFINITY];
export const unbounded: Bounds = [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];

/** Means over examples for each chip, and means over chips for each example. */
export interface Crossed {
  chips: SampleMoments;
  /** Absent where they are not known: the limits then speak of these very examples. */
  examples?: SampleMoments | undefined;
}

/** Two-sided interval of the mean; none from a single chip. */
export function meanInterval(
  values: Crossed,
  bounds: Bounds,
  confidence = 0.95,
): [number, number] | undefined {
  if (values.chips.count < 2) return undefined;
  const oneSided = (1 + confidence) / 2;
  return [lowerMean(values, bounds, oneSided), upperMean(values, bounds, oneSided)];
}

/** With this confidence the mean is no lower. */
export function lowerMean({ chips, examples }: Crossed, [least]: Bounds, confidence: number): number {
  if (!Number.isFinite(least)) return chips.mean - tDistance({ chips, examples }, confidence);
  const distances = [chips, ...(examples ? [examples] : [])].map(
    (values) => values.mean - least - lowestMean(shifted(values, 1, -least), 1 - confidence),
  );
  return Math.max(least, chips.mean - Math.hypot(...distances));
}

/** With this confidence the mean is no higher. */
export function upperMean({ chips, examples }: Crossed, [least, most]: Bounds, confidence: number): number {
  const mirrored = { chips: shifted(chips, -1, 0), examples: examples && shifted(examples, -1, 0) };
  return -lowerMean(mirrored, [-most, -least], confidence);
}

/**
 * The limit that values of at least 0 set to their mean. Random weights on n values and one 0 (Dirichlet, all parameters 1)
 * give a mean whose two moments are known; a beta distribution between 0 and the largest value has the same. It is exact
 * for values that are all equal and for values 0 and 1, and simulated for others (test/verify/coverage.test.ts).
 */
function lowestMean({ count, mean, meanSquare, most }: SampleMoments, probability: number): number {
  if (mean <= 0 || most <= 0) return 0; // rounding leaves 1e-17 of values that are all 0
  const centre = (mean / most) * (count / (count + 1));
  const spread = ((meanSquare / most ** 2) * (count / (count + 1)) - centre ** 2) / (count + 2);
  const size = (centre * (1 - centre)) / spread - 1;
  return most * jstat.beta.inv(probability, centre * size, (1 - centre) * size);
}

/**
 * Standard error of the mean over chips and examples: s_chips^2 / n + s_examples^2 / m. What chips and examples do together
 * is in both terms, which errs to the wide side, and hardly where there are many of either.
 */
export function standardError({ chips, examples }: Crossed): number {
  return Math.sqrt(variance(chips) / chips.count + (examples ? variance(examples) / examples.count : 0));
}

/** Student's t with Satterthwaite's degrees of freedom for the sum of the two variances. */
function tDistance({ chips, examples }: Crossed, confidence: number): number {
  const error = standardError({ chips, examples });
  if (error === 0) return 0;
  const terms = [chips, ...(examples && examples.count > 1 ? [examples] : [])];
  const weights = terms.map((values) => (variance(values) / values.count) ** 2 / (values.count - 1));
  const freedom = error ** 4 / weights.reduce((sum, weight) => sum + weight, 0);
  return jstat.studentt.inv(confidence, freedom) * error;
}
