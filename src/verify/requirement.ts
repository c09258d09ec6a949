/**
 * What a release must reach, as written on the command line: `p05(acc)>=0.80`, `mean(top5) > 95%`, `clean>=0.9`.
 * Checked for each run of a report: a requirement is met if every device meets it.
 */
import { type Problem, TemperError } from '../errors.js';
import type { VerifyReport, VerifyRun } from './report.js';
import { meanOf, quantile, sampleStd } from './statistics.js';

export type Measure = 'accuracy' | 'top5' | 'mse';

export interface Requirement {
  /** As the user wrote it. */
  text: string;
  /** mean, std, min, max, clean, or p00 ... p100. */
  statistic: string;
  measure: Measure;
  comparison: '>=' | '>' | '<=' | '<';
  limit: number;
}

export interface Verdict {
  requirement: string;
  measure: Measure;
  device: string;
  value: number;
  met: boolean;
}

const measures: Record<string, Measure> = { acc: 'accuracy', accuracy: 'accuracy', top5: 'top5', mse: 'mse' };
const pattern = /^\s*([a-z]+\d*)\s*(?:\(\s*([a-z]+\d?)\s*\))?\s*(>=|<=|>|<)\s*([^\s%]+)\s*(%?)\s*$/i;
const statistics = /^(mean|std|min|max|clean|p\d{1,2}|p100)$/;

/** Throws TemperError('usage') with every problem. */
export function parseRequirement(text: string): Requirement {
  const match = pattern.exec(text);
  const where = `requirement "${text}"`;
  if (!match) {
    throw new TemperError('usage', {
      what: 'not a requirement: expected STATISTIC(MEASURE) COMPARISON NUMBER',
      where,
      hint: 'for example p05(acc)>=0.80 or mean(acc)>=85%',
    });
  }
  const [, written, name = 'acc', comparison, number, percent] = match as unknown as string[];
  const statistic = written!.toLowerCase();
  const measure = measures[name.toLowerCase()];
  const limit = Number(number) / (percent ? 100 : 1);
  const problems: Problem[] = [];
  if (!statistics.test(statistic)) {
    const hint = 'statistics are mean, std, min, max, clean, p00 ... p99';
    problems.push({ what: `unknown statistic "${written}"`, where, hint });
  }
  if (!measure) {
    problems.push({ what: `unknown measure "${name}"`, where, hint: 'measures are acc, top5, mse' });
  }
  if (!Number.isFinite(limit)) problems.push({ what: `"${number}" is no number`, where });
  else if (measure !== 'mse' && Math.abs(limit) > 1) {
    const hint = `accuracies are fractions: write ${limit / 100} or ${limit}%`;
    problems.push({ what: `no accuracy reaches ${number}${percent}`, where, hint });
  }
  if (problems.length > 0) throw new TemperError('usage', problems);
  return { text, statistic, measure: measure!, comparison: comparison as Requirement['comparison'], limit };
}

/** One verdict per run. Throws TemperError('usage') if a run does not have the measure. */
export function checkRequirement(requirement: Requirement, report: Pick<VerifyReport, 'runs'>): Verdict[] {
  return report.runs.map((run) => {
    const value = statisticOf(requirement, run);
    return {
      requirement: requirement.text,
      measure: requirement.measure,
      device: run.device,
      value,
      met: compare(value, requirement.comparison, requirement.limit),
    };
  });
}

/** Throws TemperError('usage') for a measure that data with classes, or with targets, do not have. */
export function refuseUnmeasured({ measure, text }: Requirement, hasTargets: boolean): void {
  if ((measure === 'mse') === hasTargets) return;
  throw unmeasured(measure, text);
}

function unmeasured(measure: Measure, text: string): TemperError {
  return new TemperError('usage', {
    what: `this verification has no ${measure}`,
    where: `requirement "${text}"`,
    hint: measure === 'mse' ? 'mse needs data with targets' : `${measure} needs data with classes`,
  });
}

function statisticOf({ statistic, measure, text }: Requirement, run: VerifyRun): number {
  const values = run.draws.map((draw) => draw[measure]).filter((value) => value !== undefined);
  const clean = run[measure]?.clean;
  if (values.length < run.draws.length || clean === undefined) throw unmeasured(measure, text);
  if (statistic === 'clean') return clean;
  if (statistic === 'mean') return meanOf(values);
  if (statistic === 'std') return sampleStd(values);
  const sorted = [...values].sort((a, b) => a - b);
  if (statistic === 'min') return sorted[0]!;
  if (statistic === 'max') return sorted.at(-1)!;
  return quantile(sorted, Number(statistic.slice(1)) / 100);
}

/** Sums round: a mean of 0.7999999999999999 is 0.80 to everybody who wrote 0.80. */
const equality = 1e-12;

function compare(exact: number, comparison: Requirement['comparison'], limit: number): boolean {
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
