/**
 * What a release must reach, as written on the command line: `yield(acc>=0.8)>=0.95`, `p05(acc)>=0.80@0.99`,
 * `mean(top5) > 95%`, `clean>=0.9`. Shares and quantiles speak of all chips, with a confidence; the rest of those sampled.
 */
import { type Problem, TemperError } from '../../errors.js';
import { lookUp } from '../../lists/lookUp.js';
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
/** As named groups: `limit` or another name for the number, with `Order` and `Percent` behind it for what is around. */
const compared = (number: string) =>
  `\\s*(?<${number}Order>>=|<=|>|<)\\s*(?<${number}>[^\\s%@()]+)\\s*(?<${number}Percent>%?)\\s*`;
const confidence = '(?:@\\s*(?<confidence>[\\d.]+)\\s*(?<confidencePercent>%?)\\s*)?';
const measured = '\\(\\s*(?<measure>[a-z]+\\d?)\\s*';
const ofChips = new RegExp(
  `^\\s*(?<statistic>[a-z]+\\d*)\\s*(?:${measured}\\))?${compared('limit')}${confidence}$`,
  'i',
);
const ofShares = new RegExp(
  `^\\s*yield\\s*${measured}${compared('passes')}\\)${compared('limit')}${confidence}$`,
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
  const said = ofShares.exec(text)?.groups;
  if (!said) return undefined;
  const measure = readMeasure(said.measure, add);
  return {
    statistic: 'yield',
    measure,
    passes: readCompared(said, 'passes', measure, add),
    ...readCompared(said, 'limit', 'share', add),
    confidence: readConfidence(said, add) ?? usualConfidence,
  };
}

function readStatistic(text: string, add: Add): Omit<Requirement, 'text'> | undefined {
  const said = ofChips.exec(text)?.groups;
  if (!said) return undefined;
  const written = lookUp(said, 'statistic', 'group');
  const statistic = written.toLowerCase();
  if (!statistics.test(statistic))
    add(`unknown statistic "${written}"`, 'statistics are yield, mean, std, min, max, clean, p00 ... p99');
  const measure = readMeasure(said.measure, add);
  const compared = readCompared(said, 'limit', measure, add);
  const given = readConfidence(said, add);
  const quantile = /^p\d/.test(statistic);
  if (given !== undefined && !quantile && statistic !== 'mean')
    add(
      `${statistic} is told of the sampled chips, without a confidence`,
      'leave @ away, or ask for yield or a quantile',
    );
  const sure = given ?? (quantile ? usualConfidence : undefined);
  const parsed = { statistic, measure, ...compared };
  return sure === undefined ? parsed : { ...parsed, confidence: sure };
}

type Groups = Readonly<Record<string, string>>;

function readCompared(said: Groups, number: string, of: Measure | 'share', add: Add) {
  const part = (name: string) => lookUp(said, name, 'group');
  const comparison = part(`${number}Order`) as Relation; // one of these four, by the expression
  return { comparison, limit: readNumber(part(number), part(`${number}Percent`), of, add) };
}

function readMeasure(name: string | undefined = 'acc', add: Add): Measure {
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

function readConfidence(
  { confidence: text, confidencePercent: percent }: Groups,
  add: Add,
): number | undefined {
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
