/** The one sentence: what the noise does to the model, and what hardening changed. */
import { elementOf } from '../lists/elementOf.js';
import { attribution } from './attribution.js';
import {
  drawnOn,
  measureOf,
  type Panel,
  type Point,
  panels,
  type ReportMeasure,
  type Series,
} from './panel.js';
import type { Report } from './report.js';
import {
  capital,
  chipList,
  difference,
  ordinal,
  shown,
  shownSpread,
  shownTolerance,
  wholePercent,
} from './words.js';

export interface Headline {
  after: Point;
  before: Point | undefined;
  series: Series;
}

/**
 * At the device the model was hardened for; if nobody says which, at the strongest level of the first kind of noise.
 * Undefined if no chip put out numbers.
 */
export function headline(report: Report): Headline | undefined {
  const all = panels(report);
  const panel = all.find(({ series }) => series.some((one) => one.points.some(isTarget))) ?? all[0];
  if (!panel) return undefined;
  const series = mainSeries(panel);
  const after = series.points.find(isTarget) ?? elementOf(series.points, -1, 'point');
  const before = panel.series
    .find(({ name }) => name === 'before' && series.name !== 'before')
    ?.points.find(({ run }) => run.device === after.run.device);
  return { after, before, series };

  function isTarget({ run }: Point): boolean {
    return run.device === report.trainedFor;
  }
}

function mainSeries({ series }: Panel): Series {
  return series.find(({ name }) => name === 'after') ?? elementOf(series, -1, 'series');
}

export function verdict(report: Report): string {
  const found = headline(report);
  if (found === undefined)
    return `No chip put out numbers, at ${report.runs.map(({ device }) => device).join(', ')}.`;
  const { after, before } = found;
  const measure = measureOf(report);
  const chips = after.run.draws.length;
  const at = `${after.run.device}${drawnOn(report, after.run.noiseFrom)}`;
  const over = `over ${chips} sampled ${chips === 1 ? 'chip' : 'chips'} at ${at}`;
  const name = measure === 'accuracy' ? 'mean accuracy' : 'mean squared error';
  const value = (point: Point) => shown(measure, point.statistics.mean);
  if (before === undefined)
    return `${capital(name)} ${over}: ${value(after)}, ${cleanPart(measure, after)}${tolerancePart(measure, after)}.`;
  const better = improves(measure, before.statistics.mean, after.statistics.mean);
  const [from, to] = [value(before), value(after)];
  const [cleanFrom, cleanTo] = [before, after].map(({ statistics }) => shown(measure, statistics.clean));
  const tail = tolerancePart(measure, after);
  if (report.against !== undefined && report.trainedFor === undefined)
    return `${capital(name)} ${over}: ${to} against ${from} of the other model${differencePart(measure, before)}; without noise ${cleanTo} against ${cleanFrom}${tail}.`;
  const verb = { yes: 'Hardening took', no: 'Hardening did not help: it took', same: 'Hardening left' }[
    better
  ];
  const change =
    better === 'same' ? `the ${name} ${over} at ${to}` : `the ${name} ${over} from ${from} to ${to}`;
  return `${verb} ${change}; without noise it went from ${cleanFrom} to ${cleanTo}${tail}.${attribution(report, after)}`;
}

function improves(measure: ReportMeasure, before: number, after: number): 'yes' | 'no' | 'same' {
  if (shown(measure, before) === shown(measure, after)) return 'same';
  return after > before === (measure === 'accuracy') ? 'yes' : 'no';
}

function cleanPart(measure: ReportMeasure, { statistics }: Point): string {
  return `against ${shown(measure, statistics.clean)} without noise`;
}

/** The same chips and examples of both models. */
function differencePart(measure: ReportMeasure, { run }: Point): string {
  if (run.difference?.ci95 === undefined) return '';
  const { mean, standardError, ci95 } = run.difference;
  const ends = ci95.map((end) => difference(measure, end).replace(' points', ''));
  const error = standardError === undefined ? '' : `, standard error ${shownSpread(measure, standardError)}`;
  return ` (${difference(measure, mean)}${error}, 95 % interval ${ends.join(' … ')})`;
}

/** What the draws say of all chips, and which of them put out no numbers. */
function tolerancePart(measure: ReportMeasure, { statistics: { tolerance }, run }: Point): string {
  const silent = run.draws.filter(({ notNumbers }) => notNumbers !== undefined).map(({ chip }) => chip);
  const named = silent.length > 0 ? `; ${chipList(silent)} put out values that are no numbers` : '';
  if (tolerance === undefined) return named;
  const { share, confidence, value, rank } = tolerance;
  const reach = measure === 'accuracy' ? 'reach at least' : 'stay within';
  const which = `the ${ordinal(rank)}worst of ${run.draws.length}`;
  return `${named}; with ${wholePercent(confidence)} confidence, at least ${wholePercent(share)} of all chips ${reach} ${shownTolerance(measure, value)} (${which})`;
}
