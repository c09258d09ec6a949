/**
 * What a gain is made of, in words. Noise that goes with the largest weight shrinks when weights are clipped, without any
 * training: whoever reads of a gain must see that part, and what is left of the gain at the same absolute noise.
 */
import { type Measure, measureOf, type Point, panels, type Series } from './panel.js';
import type { Report } from './report.js';
import { difference, shown } from './words.js';

/** Sentences about the device of `target`, with a blank before each; nothing where there are no rivals. */
export function attribution(report: Report, target: Point): string {
  const measure = measureOf(report);
  const { device, noiseFrom } = target.run;
  const series = seriesOf(report, device, noiseFrom);
  const [before, clipped, plain, after] = ['before', 'clipped', 'plain', 'after'].map((name) =>
    meanOf(series, name, device),
  );
  if (before === undefined || after === undefined) return '';
  const parts = clipped === undefined ? '' : partsOf(report, measure, before, clipped, after);
  const rival =
    plain === undefined ? '' : ` Trained as long without noise and clipped alike: ${shown(measure, plain)}.`;
  return `${parts}${rival}${equalNoise(report, measure, device)}`;
}

function seriesOf(report: Report, device: string, noiseFrom: string | undefined): Series[] {
  const found = panels(report).find(
    (panel) =>
      panel.noiseFrom === noiseFrom &&
      panel.series.some(({ points }) => points.some(({ run }) => run.device === device)),
  );
  return found?.series ?? [];
}

function meanOf(series: readonly Series[], name: string, device: string): number | undefined {
  const own = series.find((each) => each.name === name);
  return own?.points.find(({ run }) => run.device === device)?.statistics.mean;
}

/** Steps between the means as they are shown, so that they add up. */
function partsOf(report: Report, measure: Measure, before: number, clipped: number, after: number): string {
  if (measure === 'mse') return ` ${passes(report, 'Clipping')} alone: ${shown(measure, clipped)}.`;
  const [from, cut, to] = [before, clipped, after].map((mean) => Math.round(1000 * mean) / 1000);
  const [whole, first, second] = [to! - from!, cut! - from!, to! - cut!];
  const size = (value: number) => difference(measure, value).replace(/^[+−±]| points$/g, '');
  if (whole === 0 && first === 0) return '';
  if (whole > 0 && first >= 0 && second >= 0)
    return ` Of the gain of ${size(whole)} points, ${size(first)} come from ${passes(report, 'clipping')} alone, without training, and ${size(second)} from training.`;
  const signed = (value: number) => difference(measure, value).replace(/ points$/, '');
  const name = whole > 0 ? 'gain' : whole < 0 ? 'loss' : 'change';
  return ` Of the ${name} of ${size(whole)} points, ${passes(report, 'clipping')} alone, without training, makes ${signed(first)}, and training ${signed(second)}.`;
}

/** What the rivals share with the hardened model besides the clip is named with it. */
function passes({ settings = {} }: Report, clipping: string): string {
  const others = [
    ...(settings.snn === true ? ['conversion into spikes'] : []),
    ...(settings.bits ? [`INT${settings.bits} codes`] : []),
  ];
  return [clipping, ...others].join(' and ');
}

function equalNoise(report: Report, measure: Measure, device: string): string {
  const series = seriesOf(report, device, 'before');
  const [before, clipped, after] = ['before', 'clipped', 'after'].map((name) => meanOf(series, name, device));
  if (before === undefined || after === undefined) return '';
  const between = clipped === undefined ? '' : `, clipped only ${shown(measure, clipped)}`;
  return ` At the original's noise in absolute units, the same deviations for all: original ${shown(measure, before)}${between}, hardened ${shown(measure, after)}.`;
}
