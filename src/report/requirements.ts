/** What was compared with a requirement, in words: a bound with its confidence, or a figure of the sampled chips. */
import type { ReportMeasure } from './panel.js';
import type { ReportVerdict } from './report.js';
import { chipList, ordinal, percent, shown, shownBound } from './words.js';

export function comparedText(verdict: ReportVerdict): string {
  const { notNumbers } = verdict;
  const failed = notNumbers ? `; ${chipList(notNumbers)} put out values that are no numbers: failed` : '';
  return figureText(verdict) + failed;
}

function figureText({ value, statistic, confidence, draws, ...rest }: ReportVerdict): string {
  const measure: ReportMeasure = rest.measure === 'mse' ? 'mse' : 'accuracy'; // top-5 is an accuracy too
  if (value === undefined) return 'it is no number';
  if (statistic === 'clean') return `${shown(measure, value)} without noise`;
  const over = draws === 1 ? 'the one sampled chip' : `the ${draws} sampled chips`;
  if (confidence === undefined) return shown(measure, value) + (draws === undefined ? '' : ` over ${over}`);
  const floor = rest.comparison?.startsWith('>');
  const [least, side] = floor ? (['at least', 'below'] as const) : (['at most', 'above'] as const);
  const sure = `with ${percent(confidence, confidence * 100 === Math.round(confidence * 100) ? 0 : 1)} confidence`;
  if (statistic === 'yield')
    return `${least} ${shownBound('accuracy', value, side)} of all chips ${sure}; ${rest.passed} of ${over}`;
  const bound = `${least} ${shownBound(measure, value, side)} ${sure}`;
  if (statistic === 'mean') return `${bound}; ${shown(measure, rest.sampled ?? Number.NaN)} over ${over}`;
  return `${bound}, the ${ordinal(rest.rank ?? Number.NaN)}${floor ? 'lowest' : 'highest'} of ${over}`;
}
