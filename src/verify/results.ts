/** Scores into the parts of a report: the clean score, each chip, their statistics, the same chips of another model. */
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
    if (value !== undefined) result[name] = { clean: value, ...summarize(draws.map((draw) => draw[name]!)) };
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
