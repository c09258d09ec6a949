/** Scores into the parts of a report: the clean score, each chip, their statistics, the same chips of another model. */
import type { Device } from '../../devices/index.js';
import type { ExampleMeans } from '../judge/exampleSums.js';
import { differenceBounds, unbounded } from '../statistics/meanBounds.js';
import { boundsOf, lowerIsBetter, type Measure, measures } from '../statistics/measures.js';
import type { Score } from '../statistics/scores.js';
import { summarize } from '../statistics/statistics.js';
import { toleranceOf } from '../statistics/tolerance.js';
import type { ChipStatistics, CleanScore, Difference, VerifyDraw } from './report.js';

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
  return chips > 1 ? [] : ['One chip was sampled: it says nothing about others.'];
}

interface ChipScores {
  clean: CleanScore;
  runs: readonly { device: string; draws: readonly VerifyDraw[] }[];
}

/** Outputs that are no numbers, without noise and on which chips. `which`: the model, if there are two. */
export function silentNotes({ clean, runs }: ChipScores, examples: number, which = ''): string[] {
  const { notNumbers } = clean;
  const without = `Without noise, ${notNumbers} of ${examples} examples give outputs that are no numbers${which}: they count as wrong.`;
  return [
    ...(notNumbers > 0 ? [without] : []),
    ...runs.flatMap(({ device, draws }) => silentChips(draws, `${device}${which}`, examples)),
  ];
}

function silentChips(draws: readonly VerifyDraw[], where: string, examples: number): string[] {
  const failed = draws.filter(({ notNumbers }) => notNumbers !== undefined);
  if (failed.length === 0) return [];
  const counted = draws.some(({ accuracy }) => accuracy !== undefined)
    ? 'these examples count as wrong, and requirements count these chips as failed'
    : 'mean, spread and extremes are of the other chips, and requirements count these as failed';
  const most = Math.max(...failed.map(({ notNumbers }) => notNumbers!));
  const named = failed.length === 1 ? 'chip' : 'chips';
  return [
    `At ${where}, ${failed.length} of ${draws.length} chips put out values that are no numbers, on up to ${most} of ${examples} examples (${named} ${listed(failed.map(({ chip }) => chip))}): ${counted}.`,
  ];
}

const mostListed = 20;

function listed(chips: readonly number[]): string {
  const more = chips.length > mostListed ? `, … and ${chips.length - mostListed} more` : '';
  return chips.slice(0, mostListed).join(', ') + more;
}

export function drawsOf(scores: readonly Score[], classes: number): VerifyDraw[] {
  return scores.map((score, chip) => ({
    chip,
    ...(score.squaredError === undefined && { correct: score.correct }),
    ...finite(measure(score, classes)),
    ...(score.notNumbers > 0 && { notNumbers: score.notNumbers }),
  }));
}

/** JSON has no NaN: what is no number is left out, and `notNumbers` says so. */
function finite(values: Partial<Record<Measure, number>>): Partial<Record<Measure, number>> {
  return Object.fromEntries(Object.entries(values).filter(([, value]) => Number.isFinite(value)));
}

/** Statistics of each measure that the model and at least one chip have. */
export function measuredOf(
  draws: readonly VerifyDraw[],
  clean: CleanScore,
  examplesOf: ExampleMeans,
): Partial<Record<Measure, ChipStatistics>> {
  const result: Partial<Record<Measure, ChipStatistics>> = {};
  for (const name of measures) {
    const value = clean[name];
    const values = numbersOf(draws, name);
    if (value === undefined || values.length === 0) continue;
    const statistics = summarize(values, { bounds: boundsOf(name), examples: examplesOf(name) });
    const tolerance = toleranceOf(soundOf(draws, name), draws.length, lowerIsBetter(name));
    result[name] = { clean: value, ...statistics, ...(tolerance && { tolerance }) };
  }
  return result;
}

/** The values of the chips that have one. */
export function numbersOf(draws: readonly VerifyDraw[], measure: Measure): number[] {
  return draws.map((draw) => draw[measure]).filter((value) => value !== undefined);
}

/** The values of the chips whose outputs are all numbers; the others are taken for the worst. */
export function soundOf(draws: readonly VerifyDraw[], measure: Measure): number[] {
  return numbersOf(
    draws.filter(({ notNumbers }) => notNumbers === undefined),
    measure,
  );
}

/**
 * Of the differences chip by chip (accuracy, or mean squared error): model minus against. Both saw the same chips and the
 * same examples, so the examples' differences are paired too. Undefined if no chip has numbers in both.
 */
export function pairedDifference(
  draws: readonly VerifyDraw[],
  against: readonly VerifyDraw[],
  [examplesOf, othersOf]: readonly [ExampleMeans, ExampleMeans],
): Difference | undefined {
  const name = measures.find((candidate) => draws.some((draw) => draw[candidate] !== undefined));
  if (name === undefined) return undefined;
  const values = draws.flatMap((draw, chip) => {
    const [value, other] = [draw[name], against[chip]![name]];
    return value === undefined || other === undefined ? [] : [value - other];
  });
  if (values.length === 0) return undefined;
  const [means, others] = [examplesOf(name), othersOf(name)];
  const examples = means && others && means.map((value, i) => value - others[i]!);
  const bounds = name === 'mse' ? unbounded : differenceBounds;
  return { measure: name, ...summarize(values, { bounds, examples }) };
}
