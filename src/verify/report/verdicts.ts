/** Requirements held against what was found, device by device: a requirement is met if every device meets it. */
import { lowerMean, upperMean } from '../statistics/meanBounds.js';
import { boundsOf, type Measure } from '../statistics/measures.js';
import { momentsOf } from '../statistics/moments.js';
import { meanOf, sampleStd } from '../statistics/statistics.js';
import { boundRank, lowerShare, upperShare } from '../statistics/tolerance.js';
import type { VerifyReport, VerifyRun } from './report.js';
import { quantileOf, type Relation, type Requirement, refuseUndecidable, unmeasured } from './requirement.js';
import { numbersOf, soundOf } from './results.js';

export interface Verdict {
  requirement: string;
  statistic: string;
  measure: Measure;
  device: string;
  comparison: Relation;
  /** What was compared; absent if it is no number, which never meets a requirement. */
  value?: number;
  /** `value` bounds the figure of all chips with this confidence; absent: it is that of the sampled chips. */
  confidence?: number;
  /** Mean or yield of the sampled chips, where `value` is a bound of it. */
  sampled?: number;
  /** Of a quantile: which of the sampled chips is the bound, counted from the end that fails. */
  rank?: number;
  /** Of a yield: sampled chips that pass. */
  passed?: number;
  draws: number;
  /** Chips with outputs that are no numbers; they count as failed. */
  notNumbers?: number[];
  met: boolean;
}

/** One verdict per run. Throws TemperError('usage') if a run does not have the measure, or too few draws. */
export function checkRequirement(requirement: Requirement, report: Pick<VerifyReport, 'runs'>): Verdict[] {
  return report.runs.map((run) => {
    const { text, statistic, measure, comparison, limit, confidence } = requirement;
    refuseUndecidable(requirement, run.draws.length);
    const failed = run.draws.filter(({ notNumbers }) => notNumbers !== undefined).map(({ chip }) => chip);
    const found = findingOf(requirement, run);
    const { value } = found;
    return {
      requirement: text,
      statistic,
      measure,
      device: run.device,
      comparison,
      ...found,
      ...(confidence !== undefined && { confidence }),
      draws: run.draws.length,
      ...(failed.length > 0 && { notNumbers: failed }),
      met: value !== undefined && compare(value, comparison, limit),
    };
  });
}

type Finding = Pick<Verdict, 'value' | 'sampled' | 'rank' | 'passed'>;

function findingOf(requirement: Requirement, run: VerifyRun): Finding {
  const { statistic, measure, text } = requirement;
  const values = numbersOf(run.draws, measure);
  const silent = run.draws.some((draw) => draw[measure] === undefined && draw.notNumbers === undefined);
  if (silent) throw unmeasured(measure, text);
  if (statistic === 'yield') return yieldOf(requirement, run);
  if (/^p\d/.test(statistic)) return quantileBound(requirement, run);
  const clean = run[measure]?.clean;
  if (statistic === 'clean') return clean === undefined ? {} : { value: clean };
  if (values.length < run.draws.length) return {}; // an error that is no number spoils mean and spread
  if (statistic === 'mean') return meanFinding(requirement, run, values);
  if (statistic === 'std') return { value: sampleStd(values) };
  if (soundOf(run.draws, measure).length < run.draws.length) return {};
  return { value: statistic === 'min' ? Math.min(...values) : Math.max(...values) };
}

function meanFinding(
  { measure, comparison, confidence }: Requirement,
  run: VerifyRun,
  values: number[],
): Finding {
  const mean = meanOf(values);
  if (confidence === undefined) return { value: mean };
  const crossed = { chips: momentsOf(values), examples: run[measure]?.examples };
  const bound = isFloor(comparison) ? lowerMean : upperMean;
  return { value: bound(crossed, boundsOf(measure), confidence), sampled: mean };
}

/** The bound of a quantile is one of the sampled chips: the rank-th from the end that would fail. */
function quantileBound({ statistic, measure, comparison, confidence }: Requirement, run: VerifyRun): Finding {
  const draws = run.draws.length;
  const probability = quantileOf(statistic);
  const share = isFloor(comparison) ? 1 - probability : probability;
  const rank = boundRank(draws, share, confidence!);
  const sound = soundOf(run.draws, measure).sort((a, b) => (isFloor(comparison) ? a - b : b - a));
  const value = sound[rank - 1 - (draws - sound.length)];
  return { rank, ...(value !== undefined && { value }) };
}

/** A chip whose outputs are no numbers fails: it does not pass, or is among those of which there may be few. */
function yieldOf({ measure, passes, comparison, confidence }: Requirement, run: VerifyRun): Finding {
  const draws = run.draws.length;
  const sound = soundOf(run.draws, measure);
  const passing = sound.filter((value) => compare(value, passes!.comparison, passes!.limit)).length;
  const passed = passing + (isFloor(comparison) ? 0 : draws - sound.length);
  const bound = isFloor(comparison) ? lowerShare : upperShare;
  return { value: bound(passed, draws, confidence!), sampled: passed / draws, passed };
}

function isFloor(comparison: Relation): boolean {
  return comparison.startsWith('>');
}

/** Sums round: a mean of 0.7999999999999999 is 0.80 to everybody who wrote 0.80. */
const equality = 1e-12;

function compare(exact: number, comparison: Relation, limit: number): boolean {
  const value = Math.abs(exact - limit) < equality ? limit : exact;
  switch (comparison) {
    case '>=':
      return value >= limit;
    case '>':
      return value > limit;
    case '<=':
      return value <= limit;
    case '<':
      return value < limit;
  }
}
