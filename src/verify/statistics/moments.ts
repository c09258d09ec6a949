/** What an interval of a mean needs to know of the values it is the mean of. Plain data, kept in the report. */

export interface SampleMoments {
  count: number;
  mean: number;
  meanSquare: number;
  least: number;
  most: number;
}

export function momentsOf(values: ArrayLike<number>): SampleMoments {
  let [sum, squares, least, most] = [0, 0, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!;
    sum += value;
    squares += value * value;
    least = Math.min(least, value);
    most = Math.max(most, value);
  }
  const count = values.length;
  return { count, mean: sum / count, meanSquare: squares / count, least, most };
}

/** Of a sample (n - 1); 0 for a single value. */
export function variance({ count, mean, meanSquare }: SampleMoments): number {
  return count < 2 ? 0 : (Math.max(0, meanSquare - mean * mean) * count) / (count - 1);
}

/** Of the values `scale` x value + `shift`. */
export function shifted(
  { count, mean, meanSquare, least, most }: SampleMoments,
  scale: 1 | -1,
  shift: number,
): SampleMoments {
  const ends = [scale * least + shift, scale * most + shift];
  return {
    count,
    mean: scale * mean + shift,
    meanSquare: meanSquare + 2 * scale * shift * mean + shift * shift,
    least: Math.min(...ends),
    most: Math.max(...ends),
  };
}
