/**
 * The result of several models as text for a terminal of 80 columns: a line for each model at each level, its gain over the
 * original, and beside it the same chips at equal noise in absolute units.
 */
import { elementOf } from '../lists/elementOf.js';
import { align } from './align.js';
import { largestWords } from './largest.js';
import { cleanOf, labelOf, type Panel, type ReportMeasure, type Series } from './panel.js';
import type { Report, ReportStatistics } from './report.js';
import { difference, shown, significant } from './words.js';

/** `equalNoise`: the panel at equal noise, if there is one; `notes`: what else the reader of the columns must know. */
export function rivalTable(
  report: Report,
  { ownNoise, equalNoise }: { ownNoise: Panel; equalNoise: Panel | undefined },
  measure: ReportMeasure,
  notes: readonly string[],
): string {
  const weakest = measure === 'accuracy' ? 'lowest chip' : 'highest chip';
  const head = ['', 'mean', weakest, 'gain', ...(equalNoise ? ['equal noise', 'gain'] : [])];
  const devices = [...new Set(ownNoise.series.flatMap(({ points }) => points.map(({ run }) => run.device)))];
  const original = elementOf(ownNoise.series, 0, 'series');
  const clean = ownNoise.series.map((series) => {
    const value = cleanOf(series);
    const gain = gainText(measure, value, cleanOf(original), series);
    return [`  ${series.label}`, shown(measure, value), '', gain, ...(equalNoise ? ['', ''] : [])];
  });
  const groups = devices.map((device) => [
    [device],
    ...ownNoise.series.map((series) => [
      `  ${series.label}`,
      ...cells(ownNoise, series, device, measure, true),
      ...(equalNoise ? cells(equalNoise, series, device, measure, false) : []),
    ]),
  ]);
  const chips = Math.max(
    ...ownNoise.series.flatMap(({ points }) => points.map(({ run }) => run.draws.length)),
  );
  const name = measure === 'accuracy' ? 'accuracy' : 'mean squared error';
  const rows = align([head, ['without noise'], ...clean, ...groups.flat()]);
  return [
    `${name}, mean ± standard deviation over ${chips} ${chips === 1 ? 'chip' : 'chips'}`,
    ...rows,
    ...notes,
    ...footnotes(report, equalNoise),
  ].join('\n');
}

function cells(
  { series: all }: Panel,
  { name, label }: Series,
  device: string,
  measure: ReportMeasure,
  weakest: boolean,
): string[] {
  const statistics = all.find((series) => series.name === name) && find(all, name, device);
  if (!statistics) return weakest ? ['–', '', ''] : ['–', ''];
  const { mean, std, min, max } = statistics;
  const spread = measure === 'accuracy' ? (100 * std).toFixed(1) : significant(std);
  const before = find(all, elementOf(all, 0, 'series').name, device);
  const gain = before ? gainText(measure, mean, before.mean, { name, label }) : '';
  const end = shown(measure, measure === 'accuracy' ? min : max);
  return [`${shown(measure, mean)} ± ${spread}`, ...(weakest ? [end] : []), gain];
}

function find(series: readonly Series[], name: string, device: string): ReportStatistics | undefined {
  const found = series.find((each) => each.name === name);
  return found?.points.find(({ run }) => run.device === device)?.statistics;
}

/** Over the original, which has none over itself. */
function gainText(
  measure: ReportMeasure,
  value: number,
  before: number,
  { name }: Pick<Series, 'name' | 'label'>,
) {
  if (name === 'before') return '';
  return difference(measure, value - before).replace(/ points$/, '');
}

function footnotes(report: Report, equalNoise: Panel | undefined): string[] {
  const noise = equalNoise?.noiseFrom
    ? [
        `equal noise: the deviations that the ${labelOf(report, equalNoise.noiseFrom)} meets, in absolute units, for all;`,
        'otherwise each model meets noise relative to its own largest weights',
      ]
    : [];
  const words = largestWords(report);
  const largest = words.length > 0 ? ["largest weight of a tensor, as part of the original's:"] : [];
  return [...noise, ...largest, ...words.map((line) => `  ${line}`)];
}
