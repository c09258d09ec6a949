/** The runs of a report in the order they are shown: one panel per kind of noise, one series per model, points by level. */
import { elementOf } from '../lists/elementOf.js';
import type { Report, ReportModel, ReportRun, ReportStatistics } from './report.js';
import { fileName } from './words.js';

export interface Point {
  run: ReportRun;
  /** Place on the noise axis; undefined if the device has no single number. */
  level: number | undefined;
  statistics: ReportStatistics;
}

export interface Series {
  /** As in `run.model`: `before`, `after`, or another. */
  name: string;
  label: string;
  points: Point[];
}

export interface Panel {
  /** What the levels have in common, e.g. `gaussian:relative`, `pcm, 3600 s after programming`. */
  kind: string;
  /** The model whose weights all deviations were drawn on, by the name that runs use; absent: each model's own. */
  noiseFrom?: string;
  series: Series[];
}

/** What is measured: accuracy, or the mean squared error of a regression. */
export type ReportMeasure = 'accuracy' | 'mse';

export function measureOf(report: Report): ReportMeasure {
  return report.runs.some((run) => run.accuracy) ? 'accuracy' : 'mse';
}

/** What the model attains without noise. */
export function cleanOf({ points }: Series): number {
  return elementOf(points, 0, 'point').statistics.clean;
}

/** Every run with the name of its model, `before` first. */
export function runsByModel(report: Report): Map<string, ReportRun[]> {
  const runs = new Map<string, ReportRun[]>([['before', [...(report.against?.runs ?? [])]]]);
  for (const run of report.runs) {
    const name = run.model ?? 'after';
    runs.set(name, [...(runs.get(name) ?? []), run]);
  }
  return new Map([...runs].filter(([, list]) => list.length > 0));
}

export function panels(report: Report): Panel[] {
  const measure = measureOf(report);
  const places = [...runsByModel(report)].flatMap(([name, runs]) =>
    runs.flatMap((run) => {
      const statistics = run[measure];
      return statistics === undefined ? [] : [{ name, run, statistics, ...placeOf(run) }];
    }),
  );
  return distinct(places.map(({ kind }) => kind)).flatMap((kind) => {
    const alike = places.filter((place) => place.kind === kind);
    return distinct(alike.map(({ run }) => run.noiseFrom)).map((noiseFrom): Panel => {
      // What the deviations were drawn on is seen at them by its own chips.
      const shown = alike.filter(
        ({ name, run }) => run.noiseFrom === noiseFrom || (!run.noiseFrom && name === noiseFrom),
      );
      const series = distinct(shown.map(({ name }) => name)).map((name) => ({
        name,
        label: labelOf(report, name),
        points: shown.filter((place) => place.name === name).sort((a, b) => (a.level ?? 0) - (b.level ?? 0)),
      }));
      return { kind, ...(noiseFrom !== undefined && { noiseFrom }), series };
    });
  });
}

function distinct<T>(values: readonly T[]): T[] {
  return [...new Set(values)];
}

/** In words, behind the name of a device: ` drawn on the original's weights`, or nothing. */
export function drawnOn(report: Report, noiseFrom: string | undefined): string {
  if (noiseFrom === undefined) return '';
  const known = Object.hasOwn(report.models ?? {}, noiseFrom);
  return ` drawn on the weights of ${known ? `the ${labelOf(report, noiseFrom)}` : fileName(noiseFrom)}`;
}

/** `gaussian:0.1:relative` is level 0.1 of kind `gaussian:relative`. */
function placeOf({ device, noise, time }: ReportRun): { kind: string; level: number | undefined } {
  const [name, first, ...rest] = device.split(':');
  const number = first === undefined || first === '' ? Number.NaN : Number(first);
  const level = noise ?? (Number.isFinite(number) ? number : undefined);
  const kind = Number.isFinite(number) ? [name, ...rest].join(':') : noise === undefined ? 'devices' : device;
  return { kind: typeof time === 'number' ? `${kind}, ${time} s after programming` : kind, level };
}

export function labelOf(report: Report, name: string): string {
  const given = modelOf(report, name)?.label;
  if (given !== undefined) return given;
  const alone = runsByModel(report).size === 1;
  if (name === 'after')
    return alone ? 'this model' : report.against === undefined ? 'hardened' : 'this model';
  if (name === 'before') return report.against === undefined ? 'original' : 'compared with';
  return name;
}

/** The facts of the model that `runs` call `name`. */
export function modelOf(report: Report, name: string): ReportModel | undefined {
  const { models = {} } = report;
  if (Object.hasOwn(models, name)) return models[name];
  const facts = name === 'after' ? report.model : name === 'before' ? report.against?.model : undefined;
  return typeof facts === 'string' ? { path: facts } : facts;
}
