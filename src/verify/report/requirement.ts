/**
 * What a release must reach, as written on the command line: `yield(acc>=0.8)>=0.95`, `p05(acc)>=0.80@0.99`,
 * `mean(top5) > 95%`, `clean>=0.9`. Shares and quantiles speak of all chips, with a confidence; the rest of those sampled.
 */
import { type Problem, TemperError } from '../../errors.js';
import type { Measure } from '../statistics/measures.js';
import { drawsNeeded, usualConfidence } from '../statistics/tolerance.js';

export type Relation = '>=' | '>' | '<=' | '<';

export interface Requirement {
  /** As the user wrote it. */
  text: string;
  /** yield, mean, std, min, max, clean, or p00 ... p100. */
  statistic: string;
  measure: Measure;
  comparison: Relation;
  limit: number;
  /** Of a yield: what a chip must reach. */
  passes?: { comparison: Relation; limit: number };
  /** The bound that holds with this confidence is compared; absent: the value of the sampled chips. */
  confidence?: number;
}

const names: Record<string, Measure> = { acc: 'accuracy', accuracy: 'accuracy', top5: 'top5', mse: 'mse' };
const comparison = '\\s*(>=|<=|>|<)\\s*([^\\s%@()]+)\\s*(%?)\\s*';
const confidence = '(?:@\\s*([\\d.]+)\\s*(%?)\\s*)?';
const ofChips = new RegExp(
  `^\\s*([a-z]+\\d*)\\s*(?:\\(\\s*([a-z]+\\d?)\\s*\\))?${comparison}${confidence}$`,
  'i',
);
const ofShares = new RegExp(
  `^\\s*yield\\s*\\(\\s*([a-z]+\\d?)\\s*${comparison}\\)${comparison}${confidence}$`,
  'i',
);
const statistics = /^(mean|std|min|max|clean|p\d{1,2}|p100)$/;

/** Throws TemperError('usage') with every problem. */
export function parseRequirement(text: string): Requirement {
  const where = `requirement "${text}"`;
  const problems: Problem[] = [];
  const add = (what: string, hint?: string) => problems.push({ what, where, ...(hint && { hint }) });
  const parsed = readYield(text, add) ?? readStatistic(text, add);
  if (!parsed)
    add(
      'not a requirement: expected STATISTIC(MEASURE) COMPARISON NUMBER',
      'for example yield(acc>=0.8)>=0.95, p05(acc)>=0.80 or mean(acc)>=85%',
    );
  if (problems.length > 0) throw new TemperError('usage', problems);
  return { text, ...parsed! };
}

type Add = (what: string, hint?: string) => void;

function readYield(text: string, add: Add): Omit<Requirement, 'text'> | undefined {
  const match = ofShares.exec(text);
  if (!match) return undefined;
  const [, name, order, value, percent, ...share] = match as unknown as string[];
  const measure = readMeasure(name!, add);
  const passes = { comparison: order as Relation, limit: readNumber(value!, percent!, measure, add) };
  const [shareOrder, shareValue, sharePercent, ...certainty] = share as string[];
  const limit = readNumber(shareValue!, sharePercent!, 'share', add);
  return {
    statistic: 'yield',
    measure,
    passes,
    comparison: shareOrder as Relation,
    limit,
    confidence: readConfidence(certainty, add) ?? usualConfidence,
  };
}

function readStatistic(text: string, add: Add): Omit<Requirement, 'text'> | undefined {
  const match = ofChips.exec(text);
  if (!match) return undefined;
  const [, written, name, order, value, percent, ...certainty] = match as unknown as string[];
  const statistic = written!.toLowerCase();
  if (!statistics.test(statistic))
    add(`unknown statistic "${written}"`, 'statistics are yield, mean, std, min, max, clean, p00 ... p99');
  const measure = readMeasure(name ?? 'acc', add);
  const limit = readNumber(value!, percent!, measure, add);
  const given = readConfidence(certainty, add);
  const quantile = /^p\d/.test(statistic);
  if (given !== undefined && !quantile && statistic !== 'mean')
    add(
      `${statistic} is told of the sampled chips, without a confidence`,
      'leave @ away, or ask for yield or a quantile',
    );
  const sure = given ?? (quantile ? usualConfidence : undefined);
  const parsed = { statistic, measure, comparison: order as Relation, limit };
  return sure === undefined ? parsed : { ...parsed, confidence: sure };
}

function readMeasure(name: string, add: Add): Measure {
  const known = name.toLowerCase();
  const measure = Object.hasOwn(names, known) ? names[known] : undefined;
  if (!measure) add(`unknown measure "${name}"`, 'measures are acc, top5, mse');
  return measure ?? 'accuracy';
}

function readNumber(text: string, percent: string, of: Measure | 'share', add: Add): number {
  const number = Number(text) / (percent ? 100 : 1);
  if (!Number.isFinite(number)) add(`"${text}" is no number`);
  else if (of !== 'mse' && Math.abs(number) > 1) {
    const [one, all] = of === 'share' ? ['share', 'shares'] : ['accuracy', 'accuracies'];
    add(`no ${one} reaches ${text}${percent}`, `${all} are fractions: write ${number / 100} or ${number}%`);
  }
  return number;
}

function readConfidence([text, percent]: (string | undefined)[], add: Add): number | undefined {
  if (text === undefined) return undefined;
  const number = Number(text) / (percent ? 100 : 1);
  if (number >= 0.5 && number < 1) return number;
  add(
    `a confidence lies between 0.5 and 1, not at ${text}${percent ?? ''}`,
    'for example @0.95, which is the default',
  );
  return undefined;
}

/** Throws TemperError('usage') for a measure that data with classes, or with targets, do not have. */
export function refuseUnmeasured({ measure, text }: Requirement, hasTargets: boolean): void {
  if ((measure === 'mse') === hasTargets) return;
  throw unmeasured(measure, text);
}

export function unmeasured(measure: Measure, text: string): TemperError {
  return new TemperError('usage', {
    what: `this verification has no ${measure}`,
    where: `requirement "${text}"`,
    hint: measure === 'mse' ? 'mse needs data with targets' : `${measure} needs data with classes`,
  });
}

/** Throws TemperError('usage') for what so few draws could not decide however good the model is. */
export function refuseUndecidable(requirement: Requirement, draws: number): void {
  const needed = drawsFor(requirement);
  if (draws >= needed) return;
  const { text, statistic, confidence: sure = usualConfidence } = requirement;
  const where = `requirement "${text}"`;
  if (needed === Number.POSITIVE_INFINITY) {
    const hint =
      statistic === 'yield'
        ? 'ask for less than all chips, for example yield(acc>=0.8)>=0.95'
        : 'ask for a quantile such as p05, or for min or max of the sampled chips';
    throw new TemperError('usage', { what: 'no number of draws can show this of all chips', where, hint });
  }
  const what =
    needed === 2
      ? `one draw cannot decide this: it needs at least 2`
      : `${draws} ${draws === 1 ? 'draw' : 'draws'} cannot decide this with ${100 * sure} % confidence: it needs at least ${needed}`;
  throw new TemperError('usage', { what, where, hint: `--draws ${needed} or more` });
}

/** Draws with which the best possible outcome would meet it. */
function drawsFor({ statistic, comparison: order, limit, confidence: sure }: Requirement): number {
  if (statistic === 'std') return 2;
  if (sure === undefined) return 1;
  if (statistic === 'mean') return 2;
  const share = statistic === 'yield' ? limit : 1 - quantileOf(statistic);
  return drawsNeeded(order.startsWith('>') ? share : 1 - share, sure);
}

/** `p05` -> 0.05. */
export function quantileOf(statistic: string): number {
  return Number(statistic.slice(1)) / 100;
}
