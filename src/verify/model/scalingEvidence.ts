/** Whether a few examples show that another scaling of the input is better than the one that would be used. */
import type { ScalingProbe, ScalingTrial } from './probeScalings.js';

/** Probability at which a difference is no longer taken for chance, and how large it must be to matter. */
const unlikely = 0.001;
export const points = 0.05;
const factor = 2;
const alike = { points: 0.05, factor: 1.5 };

/**
 * Whether the examples show `other` to be better than `used`: at least 5 points (or half the squared error), and so many more
 * examples better than worse that equal scalings would show that once in 1,000 times (exact sign test on the examples in
 * which the two differ; for right and wrong that is McNemar's test).
 */
export function isClearlyBetter(other: ScalingTrial, used: ScalingTrial): boolean {
  const examples = Math.min(other.examples, used.examples);
  if (other.examples < used.examples) return false; // left behind
  const gained =
    other.accuracy === undefined
      ? !(used.mse! < factor * other.mse!)
      : other.accuracy - used.accuracy! >= points;
  if (!gained) return false;
  const sign = other.accuracy === undefined ? -1 : 1;
  let [better, worse] = [0, 0];
  for (let i = 0; i < examples; i++) {
    const difference = sign * (other.scores[i]! - used.scores[i]!);
    if (difference > 0 || Number.isNaN(used.scores[i])) better++;
    else if (difference < 0) worse++;
  }
  return signTest(better, worse) < unlikely;
}

/** Whether `trial` is no worse than `than`, or so little (5 points, 1.5 times the squared error) that few examples do not tell. */
export function fitsAlike(trial: ScalingTrial, than: ScalingTrial): boolean {
  if (trial.accuracy === undefined) return !(trial.mse! > alike.factor * than.mse!);
  return trial.accuracy >= than.accuracy! - alike.points;
}

/** The trial that is clearly better than the first; of several that fit alike the one the candidates name first. */
export function betterScaling({ trials }: ScalingProbe): ScalingTrial | undefined {
  const [used, ...others] = trials;
  const better = others.filter((other) => isClearlyBetter(other, used!));
  return better.find((trial) => better.every((other) => fitsAlike(trial, other)));
}

/**
 * Whether no scaling lets the model do more than guess, by three standard deviations; of so few examples that even all of them right
 * would be no more than that, nothing is said.
 */
export function onlyGuesses({ trials, chance }: ScalingProbe): boolean {
  if (chance === undefined || trials.length === 0 || chance >= 1) return false;
  return trials.every(({ accuracy, examples }) => {
    const guessed = chance + 3 * Math.sqrt((chance * (1 - chance)) / examples);
    return guessed < 1 && accuracy! <= guessed;
  });
}

/** Probability of at least `better` heads in `better + worse` throws of a fair coin. */
export function signTest(better: number, worse: number): number {
  const throws = better + worse;
  let logTerm = -throws * Math.LN2; // of C(throws, k) / 2^throws, from k = throws down
  let sum = Math.exp(logTerm);
  for (let k = throws; k > better; k--) {
    logTerm += Math.log(k) - Math.log(throws - k + 1);
    sum += Math.exp(logTerm);
  }
  return Math.min(1, sum);
}
