/** Where things lie on the curve: the noise axis (the noiseless model at 0) and the range of values. */
import { elementOf } from '../lists/elementOf.js';
import { zip } from '../lists/zip.js';
import type { Panel, Point, ReportMeasure } from './panel.js';

export interface NoiseAxis {
  /** Whether places are levels of one quantity, so that a line between them means something. */
  continuous: boolean;
  domain: [number, number];
  ticks: number[];
  format(tick: number): string;
  title: string;
  position(point: Point): number;
  /** Smallest distance between two places: what dots may spread over. */
  gap: number;
}

/** Levels on a line from 0; devices without a single number stand side by side at 1, 2, 3. */
export function noiseAxis({ kind, noiseFrom, series }: Panel): NoiseAxis {
  const points = series.flatMap((one) => one.points);
  const numeric = points.every(({ level }) => level !== undefined && level >= 0);
  const devices = [...new Set(points.map(({ run }) => run.device))];
  const position = ({ level, run }: Point) =>
    numeric && level !== undefined ? level : devices.indexOf(run.device) + 1;
  const places = [...new Set([0, ...points.map(position)])].sort((a, b) => a - b);
  const gap = Math.min(...zip(places.slice(0, -1), places.slice(1)).map(([before, place]) => place - before));
  const finite = Number.isFinite(gap) ? gap : 1;
  const last = Math.max(...places);
  return {
    continuous: numeric,
    domain: [-0.25 * finite, last + 0.3 * finite],
    ticks: thin(places, last / 12),
    format: (tick) => (tick === 0 ? 'none' : numeric ? String(tick) : elementOf(devices, tick - 1, 'device')),
    title: `${numeric ? `noise level (${kind})` : 'device'}${noiseFrom === undefined ? '' : ', all at the same absolute noise'}`,
    position,
    gap: finite,
  };
}

/** Leaves out places closer than `least` to the one before: their labels would touch. */
function thin(places: number[], least: number): number[] {
  const kept: number[] = [];
  for (const place of places)
    if (place - (kept.at(-1) ?? Number.NEGATIVE_INFINITY) >= least) kept.push(place);
  return kept;
}

/** Accuracy: 100 % at the top, the bottom at a whole ten per cent, 0 if it is near. Errors: from 0. */
export function valueDomain({ series }: Panel, measure: ReportMeasure): [number, number] {
  const values = series.flatMap(({ points }) =>
    points.flatMap(({ statistics: { min, max, clean } }) => [min, max, clean]),
  );
  const [least, most] = [Math.min(...values), Math.max(...values)];
  if (measure === 'mse') return [0, most * 1.05 || 1];
  const bottom = Math.floor(10 * least - 0.2) / 10;
  return [bottom < 0.3 ? 0 : bottom, Math.max(1, most)];
}
