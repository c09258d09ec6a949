/**
 * What a gain is made of, in words. Noise that goes with the largest weight shrinks when weights are clipped, without any
 * training: whoever reads of a gain must see that part, and what is left of the gain at the same absolute noise.
 */
import { measureOf, type Point, panels, type ReportMeasure, type Series } from './panel.js';
import type { Report } from './report.js';
import { difference, shown } from './words.js';

/** Sentences about the device of `target`, with a blank before each; nothing where there are no rivals. */
export function attribution(report: Report, { run: { device, noiseFrom } }: Point): string {
  const series = seriesOf(report, device, noiseFrom);
  const here = meansAt(series, device);
  const strongest = series.find(({ name }) => name === 'after')?.points.at(-1)?.run.device ?? device;
  // Where the noise does nothing yet, the strongest that was tried tells what a gain is made of.
  if (partsOf(report, here) !== '' || strongest === device) return told(report, here, device);
  const there = meansAt(series, strongest);
  const { before, after } = there;
  if (before === undefined || after === undefined || partsOf(report, there) === '') return '';
  const measure = measureOf(report);
  const change = ` At ${strongest} it is ${shown(measure, after)}, from ${shown(measure, before)}.`;
  return `${change}${told(report, there, strongest)}`;
}

type Means = Partial<Record<'before' | 'clipped' | 'plain' | 'after', number>>;

function meansAt(series: readonly Series[], device: string): Means {
  return Object.fromEntries(
    series.flatMap(({ name, points }) => {
      const point = points.find(({ run }) => run.device === device);
      return point ? [[name, point.statistics.mean]] : [];
    }),
  );
}

function told(report: Report, means: Means, device: string): string {
  const measure = measureOf(report);
  const rival =
    means.plain === undefined ? '' : ` Plain training with clipping reaches ${shown(measure, means.plain)}.`;
  return `${partsOf(report, means)}${rival}${equalNoise(report, measure, device)}`;
}

function seriesOf(report: Report, device: string, noiseFrom: string | undefined): Series[] {
  const found = panels(report).find(
    (panel) =>
      panel.noiseFrom === noiseFrom &&
      panel.series.some(({ points }) => points.some(({ run }) => run.device === device)),
  );
  return found?.series ?? [];
}

/** The steps, rounded so that they add up. */
function partsOf(report: Report, { before, clipped, after }: Means): string {
  const measure = measureOf(report);
  if (before === undefined || clipped === undefined || after === undefined) return '';
  if (measure === 'mse') return ` ${passes(report, 'Clipping')} alone: ${shown(measure, clipped)}.`;
  const [whole, first, second] = inTenths(clipped - before, after - clipped);
  const size = (value: number) => difference(measure, value).replace(/^[+−±]| points$/g, '');
  if (whole === 0 && first === 0) return '';
  if (whole > 0 && first >= 0 && second >= 0)
    return ` Of the gain of ${size(whole)} points, ${size(first)} come from ${passes(report, 'clipping')} alone, without training, and ${size(second)} from training.`;
  const signed = (value: number) => difference(measure, value).replace(/ points$/, '');
  const name = whole > 0 ? 'gain' : whole < 0 ? 'loss' : 'change';
  return ` Of the ${name} of ${size(whole)} points, ${passes(report, 'clipping')} alone, without training, makes ${signed(first)}, and training ${signed(second)}.`;
}

/** Whole and parts in tenths of a point: the part that loses most by it is rounded up, as seats are given to parties. */
function inTenths(a: number, b: number): [whole: number, first: number, second: number] {
  const [exactFirst, exactSecond] = [1000 * a, 1000 * b];
  const whole = Math.round(exactFirst + exactSecond);
  const [first, second] = [Math.floor(exactFirst), Math.floor(exactSecond)];
  const left = whole - first - second;
  const toFirst = left === 2 || (left === 1 && exactFirst - first >= exactSecond - second) ? 1 : 0;
  return [whole / 1000, (first + toFirst) / 1000, (whole - first - toFirst) / 1000];
}

/** What the rivals share with the hardened model besides the clip is named with it. */
function passes({ settings = {} }: Report, clipping: string): string {
  const others = [
    ...(settings.snn === true ? ['conversion into spikes'] : []),
    ...(settings.bits ? [`INT${settings.bits} codes`] : []),
  ];
  return [clipping, ...others].join(' and ');
}

function equalNoise(report: Report, measure: ReportMeasure, device: string): string {
  const { before, clipped, after } = meansAt(seriesOf(report, device, 'before'), device);
  if (before === undefined || after === undefined) return '';
  const between = clipped === undefined ? '' : `, clipped only ${shown(measure, clipped)}`;
  return ` At the original's noise in absolute units, the same deviations for all: original ${shown(measure, before)}${between}, hardened ${shown(measure, after)}.`;
}
