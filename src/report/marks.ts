/** What is drawn of one model: band over chips, a dot per chip, the line of the means, and its name at the end. */

import * as Plot from '@observablehq/plot';
import { elementOf } from '../lists/elementOf.js';
import type { NoiseAxis } from './axis.js';
import { apart } from './labels.js';
import { cleanOf, type Panel, type Point, type ReportMeasure, type Series } from './panel.js';
import { shown, significant } from './words.js';

/** More dots than this per level would hide each other. */
export const mostDots = 200;

export interface Drawing {
  panel: Panel;
  measure: ReportMeasure;
  axis: NoiseAxis;
  domain: [number, number];
  background: string;
}

interface Mean {
  x: number;
  y: number;
  low: number;
  high: number;
}

interface Dot {
  x: number;
  y: number;
  title: string;
}

export function seriesMarks(series: Series, colour: string, drawing: Drawing): Plot.Markish[] {
  const { axis, background } = drawing;
  const means = meansOf(series, axis);
  const end = elementOf(means, -1, 'mean');
  const dots = Plot.dot(dotsOf(series, drawing), {
    x: 'x',
    y: 'y',
    r: 1.7,
    fill: colour,
    fillOpacity: 0.5,
    title: 'title',
  });
  const band = { x: 'x', y1: 'low', y2: 'high' };
  const spread = axis.continuous
    ? Plot.areaY(means, { ...band, fill: colour, fillOpacity: 0.15, curve: 'monotone-x' })
    : Plot.ruleX(means, { ...band, stroke: colour, strokeOpacity: 0.5, strokeWidth: 2 });
  const line = { x: 'x', y: 'y', stroke: colour, strokeWidth: 2.5, curve: 'monotone-x' } as const;
  const minor = isMinor(series, drawing);
  return [
    ...(minor ? [] : [spread]),
    dots,
    ...(axis.continuous ? [Plot.lineY(means, minor ? { ...line, strokeWidth: 2, ...dashes } : line)] : []),
    Plot.dot(means, { x: 'x', y: 'y', r: minor ? 3 : 4, fill: colour, stroke: background, strokeWidth: 1.5 }),
    Plot.text([end], {
      x: axis.domain[1],
      y: labelHeight(series, drawing),
      text: () => `${series.label}\n${shown(drawing.measure, end.y)}`,
      textAnchor: 'start',
      dx: 8,
      fill: colour,
      fontWeight: 600,
      lineHeight: 1.25,
    }),
  ];
}

const dashes = { strokeDasharray: '6 4' };

/** Among many, what is neither before nor after is drawn thinner and without its band, so that the two stay readable. */
function isMinor({ name }: Series, { panel }: Drawing): boolean {
  return panel.series.length > 2 && name !== 'before' && name !== 'after';
}

/** The noiseless value at 0, then each level. The band is 5 % to 95 % of the chips where known, else lowest to highest. */
function meansOf(series: Series, axis: NoiseAxis): Mean[] {
  const clean = cleanOf(series);
  const measured = series.points.map((point) => {
    const { mean, min, max, p05 = min, p95 = max } = point.statistics;
    return { x: axis.position(point), y: mean, low: p05, high: p95 };
  });
  const noiseless = { x: 0, y: clean, low: clean, high: clean };
  return [...(elementOf(measured, 0, 'mean').x > 0 ? [noiseless] : []), ...measured];
}

/** Models stand in lanes beside each other; within its lane a chip's place follows from its number. */
function dotsOf(series: Series, { panel, measure, axis }: Drawing): Dot[] {
  const lane = (0.36 * axis.gap) / panel.series.length;
  const centre = (panel.series.indexOf(series) - (panel.series.length - 1) / 2) * lane;
  return series.points.flatMap((point) =>
    point.run.draws.slice(0, mostDots).flatMap((draw, i) => {
      const value = draw[measure];
      if (value === undefined) return [];
      const place = (i * 0.618034) % 1; // golden ratio: evenly spread without repeating
      const title = `chip ${draw.chip}, ${point.run.device}, ${series.label}: ${describe(measure, value)}`;
      return [{ x: axis.position(point) + centre + (place - 0.5) * 0.9 * lane, y: value, title }];
    }),
  );
}

function describe(measure: ReportMeasure, value: number): string {
  return measure === 'accuracy' ? shown(measure, value) : significant(value);
}

/** Where the name of the model stands: at the end of its line, or as near as the other names let it. */
function labelHeight(series: Series, { panel, domain, axis }: Drawing): number {
  const [low, high] = domain;
  const least = 0.115 * (high - low);
  const ends = panel.series.map((one) => lastPoint(one, axis).statistics.mean);
  const heights = apart(ends, least, [low - least / 2, high + least / 2]);
  return elementOf(heights, panel.series.indexOf(series), 'label');
}

function lastPoint({ points }: Series, axis: NoiseAxis): Point {
  return points.reduce((last, point) => (axis.position(point) > axis.position(last) ? point : last));
}
