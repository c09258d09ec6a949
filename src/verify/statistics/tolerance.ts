/**
 * What n sampled chips say of the share of all chips that reach a value. The k-th worst of n is a bound for a share by the
 * binomial distribution alone, whatever the distribution of the values (Wilks 1941); a count of chips that pass bounds the
 * share that would (Clopper and Pearson 1934). Chips that put out no numbers count as worst.
 */
import jstat from 'jstat';

export const usualConfidence = 0.95;
/** The share of chips that a report speaks of, if the draws suffice. */
const usualShare = 0.95;

/** "With `confidence`, at least `share` of all chips are no worse than `value`, the `rank`-th worst of those sampled." */
export interface Tolerance {
  share: number;
  confidence: number;
  value: number;
  rank: number;
}

/** Draws from which on the worst of them bounds `share` of all chips: 59 for 95 % with confidence 95 %. */
export function drawsNeeded(share: number, confidence: number): number {
  if (share <= 0) return 1;
  if (share >= 1) return Number.POSITIVE_INFINITY;
  return Math.max(1, Math.ceil(Math.log(1 - confidence) / Math.log(share) - 1e-9));
}

/** The highest rank from the worst that bounds `share` of all chips; 0 if none does. */
export function boundRank(draws: number, share: number, confidence: number): number {
  if (draws < drawsNeeded(share, confidence)) return 0;
  if (share <= 0) return draws;
  let [rank, beyond] = [1, draws + 1];
  while (beyond - rank > 1) {
    const middle = (rank + beyond) >> 1;
    // That at least `middle` of the draws are among the worst 1 - share.
    if (jstat.beta.cdf(1 - share, middle, draws - middle + 1) >= confidence) rank = middle;
    else beyond = middle;
  }
  return rank;
}

/** Clopper and Pearson: with this confidence the share of all chips that pass is no lower. */
export function lowerShare(passed: number, draws: number, confidence: number): number {
  if (passed === 0) return 0;
  if (passed === draws) return (1 - confidence) ** (1 / draws);
  return jstat.beta.inv(1 - confidence, passed, draws - passed + 1);
}

/** The same from above. */
export function upperShare(passed: number, draws: number, confidence: number): number {
  return 1 - lowerShare(draws - passed, draws, confidence);
}

/**
 * What a report says of many chips: 95 % of them if the draws suffice, else the share that the worst one bounds. Nothing of
 * a single chip, nor where the chip that would be the bound put out no number.
 * @param values of the chips that put out numbers; @param draws of all.
 */
export function toleranceOf(
  values: readonly number[],
  draws: number,
  lowerIsBetter: boolean,
): Tolerance | undefined {
  if (draws < 2) return undefined;
  const confidence = usualConfidence;
  const enough = boundRank(draws, usualShare, confidence);
  const rank = Math.max(1, enough);
  const share = enough > 0 ? usualShare : lowerShare(draws, draws, confidence);
  const value = worstFirst(values, lowerIsBetter)[rank - 1 - (draws - values.length)];
  return value === undefined ? undefined : { share, confidence, value, rank };
}

export function worstFirst(values: readonly number[], lowerIsBetter: boolean): number[] {
  return [...values].sort((a, b) => (lowerIsBetter ? b - a : a - b));
}
