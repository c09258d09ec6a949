/** Scores into the parts of a report: the clean score, each chip, their statistics, the same chips of another model. */
import type { Device } from '../devices/index.js';
import type { CleanScore, Measured, VerifyDraw } from './report.js';
import type { Score } from './scores.js';
import { type Statistics, summarize } from './statistics.js';

export type Measure = 'accuracy' | 'top5' | 'mse';
export const measures: readonly Measure[] = ['accuracy', 'top5', 'mse'];

/** What a score says: accuracy for classes, top-5 beyond five of them, mean squared error for targets. */
export function measure(score: Score, classes: number): Partial<Record<Measure, number>> {
  if (score.squaredError !== undefined) return { mse: score.squaredError };
  return {
    accuracy: score.correct / score.examples,
    ...(classes > 5 && { top5: score.correctTop5 / score.examples }),
  };
}

export function cleanScore(score: Score, classes: number): CleanScore {
  const { ties, notNumbers } = score;
  return { ...measure(score, classes), ties, notNumbers };
}

/** Standard deviations above chance that count as more than guessing; with fewer examples nothing can be said. */
const [beyondChance, enough] = [2, 30];

/** Wrong scaling or another order of classes looks just so, and noise has nothing left to destroy. */
export function guessingNotes({ accuracy }: CleanScore, examples: number, classes: number): string[] {
  if (accuracy === undefined || examples < enough || classes < 2) return [];
  const chance = 1 / classes;
  const spread = Math.sqrt((chance * (1 - chance)) / examples);
  if (accuracy > chance + beyondChance * spread) return [];
  const share = `${(100 * accuracy).toFixed(1)} %`;
  return [
    `Without noise the model is no better than guessing among ${classes} classes (${share}): check --mean, --std and the order of the classes.`,
  ];
}

/** Which noise the numbers are of: exported codes sit on pairs of conductances, which it does not know. */
export function noiseNotes(devices: readonly Device[]): string[] {
  return devices.map(
    ({ noiseOn }) => `Noise on ${noiseOn}; not on the conductances that crossbar.json describes.`,
  );
}

export function spreadNotes(chips: number): string[] {
  return chips > 1 ? [] : ['One chip was sampled: its spread of 0 says nothing about others.'];
}

export function drawsOf(scores: readonly Score[], classes: number): VerifyDraw[] {
  return scores.map((score, chip) => ({
    chip,
    ...(score.squaredError === undefined && { correct: score.correct }),
    ...measure(score, classes),
  }));
}

/** Statistics of each measure the draws have. */
export function measuredOf(
  draws: readonly VerifyDraw[],
  clean: CleanScore,
): Partial<Record<Measure, Measured>> {
  const result: Partial<Record<Measure, Measured>> = {};
  for (const name of measures) {
    const value = clean[name];
    const bounds = [0, name === 'mse' ? Number.POSITIVE_INFINITY : 1] as const;
    const values = draws.map((draw) => draw[name]!);
    if (value !== undefined) result[name] = { clean: value, ...summarize(values, bounds) };
  }
  return result;
}

/** Of the differences chip by chip (accuracy, or mean squared error): model minus against. */
export function pairedDifference(
  draws: readonly VerifyDraw[],
  against: readonly VerifyDraw[],
): { measure: Measure } & Statistics {
  const name = measures.find((candidate) => draws[0]![candidate] !== undefined)!;
  return { measure: name, ...summarize(draws.map((draw, chip) => draw[name]! - against[chip]![name]!)) };
}
