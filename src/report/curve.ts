/** Accuracy against noise as a picture: the noiseless value at 0, then mean, spread and single chips of each model. */

import * as Plot from '@observablehq/plot';
import { parseHTML } from 'linkedom';
import { TemperError } from '../errors.js';
import { lookUp } from '../lists/lookUp.js';
import { shorten } from '../text/shorten.js';
import { visibleLine, withTexts } from '../text/visible.js';
import { type NoiseAxis, noiseAxis, valueDomain } from './axis.js';
import { mostDots, seriesMarks } from './marks.js';
import { light, type Palette, seriesColours } from './palette.js';
import { cleanOf, measureOf, type Panel, panels, type ReportMeasure } from './panel.js';
import type { Report, ReportRun } from './report.js';
import { headline, verdict } from './verdict.js';
import { shown } from './words.js';

export interface PanelOptions {
  palette: Palette;
  /** Unique in its document: names the title and the description. */
  id: string;
  /** A background of its own, for a picture that stands alone. */
  background: boolean;
}

/** Of a model, beside its curve. */
const longestLabel = 40;

const width = 760;
const height = 430;

/** The curve of the kind of noise the verdict speaks of, as an SVG file on a light background. */
export function renderCurve(given: Report): string {
  const report = withTexts(given, visibleLine);
  const after = headline(report)?.after;
  const panel = panels(report).find(({ series }) =>
    series.some(({ points }) => points.some(({ run }) => run === after?.run)),
  );
  if (panel === undefined)
    throw new TemperError('model', { what: 'no chip put out numbers: nothing to draw' });
  const svg = panelSvg(
    panel,
    measureOf(report),
    { palette: light, id: 'curve', background: true },
    verdict(report),
  );
  return `${svg}\n`;
}

/** One panel as an SVG element, named and described for those who do not see it. */
export function panelSvg(
  given: Panel,
  measure: ReportMeasure,
  { palette, id, background }: PanelOptions,
  description = describePanel(given, measure),
): string {
  const series = given.series.map((one) => ({ ...one, label: shorten(one.label, longestLabel) }));
  const panel = { ...given, series };
  const axis = noiseAxis(panel);
  const domain = valueDomain(panel, measure);
  const names = panel.series.map(({ name }) => name);
  const colours = seriesColours(names, palette);
  const drawing = { panel, measure, axis, domain, background: palette.background };
  const { document } = parseHTML('<html><body></body></html>');
  const svg = Plot.plot({
    document,
    width,
    height,
    marginTop: 40,
    marginBottom: 56,
    marginLeft: 58,
    marginRight: 30 + 8 * Math.max(7, ...panel.series.map(({ label }) => label.length)),
    x: { domain: axis.domain },
    y: { domain },
    marks: [
      Plot.gridY({ stroke: palette.grid, strokeOpacity: 1, ticks: 6 }),
      Plot.axisY({
        tickSize: 0,
        ticks: 6,
        fill: palette.faint,
        label: null,
        tickFormat: valueFormat(measure),
      }),
      Plot.axisX(axis.ticks, {
        tickSize: 0,
        tickPadding: 10,
        fill: palette.faint,
        label: null,
        tickFormat: axis.format,
      }),
      ...landmarks(panel, axis, palette),
      heading(axis.title, palette.text, { frameAnchor: 'bottom', dy: 48 }),
      heading(titleOf(measure), palette.text, { frameAnchor: 'top-left', dx: -50, dy: -30 }),
      ...panel.series.map((series) =>
        seriesMarks(series, lookUp(colours, series.name, 'colour of'), drawing),
      ),
    ],
  });
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  svg.setAttribute('font-size', '13');
  svg.setAttribute(
    'style',
    `color: ${palette.text}; background: ${background ? palette.background : 'none'}`,
  );
  name(svg, id, `${titleOf(measure)} against noise (${panel.kind})`, description);
  return svg.outerHTML;
}

/** Noise that devices were measured to have, as a line across the panel. */
function landmarks({ series }: Panel, axis: NoiseAxis, palette: Palette): Plot.Markish[] {
  const runs: ReportRun[] = series.flatMap(({ points }) => points.map(({ run }) => run));
  const known = runs.flatMap((run) => run.landmarks ?? []);
  const [first, last] = axis.domain;
  const shownOnes = new Map(known.map(({ level, what }) => [what, level]));
  const places = [...shownOnes].filter(([, level]) => axis.continuous && level > 0 && level < last);
  return places.flatMap(([what, level]) => [
    Plot.ruleX([level], { stroke: palette.faint, strokeDasharray: '2 4', strokeWidth: 1.5 }),
    Plot.text([what], {
      x: level,
      frameAnchor: 'bottom',
      text: (words: string) => words,
      ...(level < (first + last) / 2
        ? ({ textAnchor: 'start', dx: 7 } as const)
        : ({ textAnchor: 'end', dx: -7 } as const)),
      dy: -8,
      fill: palette.faint,
    }),
  ]);
}

function heading(text: string, fill: string, place: Plot.TextOptions): Plot.Markish {
  return Plot.text([text], { ...place, text: (words: string) => words, fill, fontWeight: 600 });
}

/** Title and description as screen readers find them. */
function name(svg: ReturnType<typeof Plot.plot>, id: string, title: string, description: string): void {
  const [titleId, descriptionId] = [`${id}-title`, `${id}-description`];
  svg.setAttribute('role', 'img');
  svg.setAttribute('aria-labelledby', `${titleId} ${descriptionId}`);
  const part = (tag: string, id: string, text: string) => {
    const element = svg.ownerDocument.createElementNS('http://www.w3.org/2000/svg', tag);
    element.setAttribute('id', id);
    element.textContent = text;
    return element;
  };
  svg.prepend(part('title', titleId, title), part('desc', descriptionId, description));
}

function titleOf(measure: ReportMeasure): string {
  return measure === 'accuracy' ? 'Accuracy' : 'Mean squared error';
}

function valueFormat(measure: ReportMeasure): (value: number) => string {
  return (value) => (measure === 'accuracy' ? `${Math.round(100 * value)} %` : String(value));
}

/** The means in words. */
export function describePanel({ series }: Panel, measure: ReportMeasure): string {
  const lines = series.map((one) => {
    const { label, points } = one;
    const values = points.map(({ run, statistics }) => `${shown(measure, statistics.mean)} at ${run.device}`);
    return `${label}: ${shown(measure, cleanOf(one))} without noise, mean ${values.join(', ')}.`;
  });
  return lines.join(' ');
}

/** What line, band and dots of the panel stand for. */
export function legend(panel: Panel): string {
  const points = panel.series.flatMap((one) => one.points);
  const known = points.every(({ statistics: { p05, p95 } }) => p05 !== undefined && p95 !== undefined);
  const spread = known ? 'the middle 90 % of the sampled chips' : 'lowest to highest chip';
  const most = Math.max(...points.map(({ run }) => run.draws.length));
  const dots =
    most > mostDots ? `small dots: the first ${mostDots} of ${most} chips` : 'small dots: single chips';
  const [mean, band] = noiseAxis(panel).continuous ? ['Line', 'band'] : ['Large dot', 'bar'];
  return `${mean}: mean over sampled chips; ${band}: ${spread}; ${dots}.`;
}
