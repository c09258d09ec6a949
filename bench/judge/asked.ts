/**
 * What the judge is held against: a measurement made before Temper was, by its customer, of the same model on the first 1,000
 * test pictures of CIFAR-10 over 100 chips. Fractions; std is over chips.
 */
export const asked = {
  clean: 0.9172,
  chips: 100,
  runs: [
    { sigma: 0.05, mean: 0.816, std: 0.032 },
    { sigma: 0.1, mean: 0.296, std: 0.084 },
  ],
};

interface Sample {
  mean: number;
  std: number;
  chips: number;
}

/** Difference of two means in standard errors of the difference (both measurements are samples of chips). */
export function standardErrors(a: Sample, b: Sample): number {
  return (a.mean - b.mean) / Math.sqrt(a.std ** 2 / a.chips + b.std ** 2 / b.chips);
}
