/** The result as text for a terminal: one line per noise level, the models side by side. */
import { elementOf } from '../lists/elementOf.js';
import { shortText } from '../text/shorten.js';
import { visibleLine, withTexts } from '../text/visible.js';
import { align } from './align.js';
import {
  cleanOf,
  drawnOn,
  labelOf,
  measureOf,
  type Panel,
  type Point,
  panels,
  type ReportMeasure,
  runsByModel,
  type Series,
} from './panel.js';
import type { Report } from './report.js';
import { rivalTable } from './rivalTable.js';
import {
  chipList,
  difference,
  intervalOf,
  shown,
  shownTolerance,
  significant,
  wholePercent,
} from './words.js';

/** No colours, no control characters, no lines that a name writes; ends without a line break. */
export function renderTable(given: Report): string {
  const report = withTexts(given, (text) => visibleLine(shortText(text)));
  const measure = measureOf(report);
  const all = panels(report);
  const tables = all.flatMap((panel) => {
    const twin = twinOf(all, panel);
    if (panel.noiseFrom !== undefined && twin) return []; // beside it
    const many = panel.series.length > 2 || twin !== undefined;
    return [
      many
        ? rivalTable(report, { ownNoise: panel, equalNoise: twin }, measure, worstNotes(panel, measure))
        : panelTable(panel, measure, report),
    ];
  });
  const silent = silentLines(report);
  return [...tables, ...(silent.length > 0 ? [silent.join('\n')] : [])].join('\n\n');
}

/** The panel of the same kind of noise, once relative to each model's own weights and once equal for all. */
function twinOf(all: readonly Panel[], panel: Panel): Panel | undefined {
  return all.find(
    (other) =>
      other.kind === panel.kind && (other.noiseFrom === undefined) !== (panel.noiseFrom === undefined),
  );
}

/** What a model's columns hold. */
interface TableColumns {
  measure: ReportMeasure;
  /** The interval of the mean: only where one model leaves room for it. */
  interval: boolean;
  /** What a share of all chips reaches, where that is another value than the worst chip's. */
  tolerance: boolean;
}

function panelTable(panel: Panel, measure: ReportMeasure, report: Report): string {
  const { series, noiseFrom } = panel;
  const compared = series.length === 2;
  const points = series.flatMap((one) => one.points);
  const columns = {
    measure,
    interval: series.length === 1 && points.some(({ statistics }) => statistics.ci95),
    tolerance: points.some(({ statistics: { tolerance } }) => tolerance && tolerance.rank > 1),
  };
  const gains = compared && points.some(({ run }) => run.difference?.ci95);
  const head = [
    'noise',
    ...series.flatMap(({ label }) => heads(label, columns)),
    ...(compared ? ['gain'] : []),
    ...(gains ? ['95 % interval'] : []),
  ];
  const devices = [...new Set(points.map(({ run }) => run.device))];
  const clean = series.map(cleanOf);
  const rows = [
    [
      'none',
      ...clean.flatMap((value) => [
        shown(measure, value),
        ...Array<string>(heads('', columns).length - 1).fill(''),
      ]),
      ...(compared ? [difference(measure, elementOf(clean, 1, 'value') - elementOf(clean, 0, 'value'))] : []),
      ...(gains ? [''] : []),
    ],
    ...devices.map((device) => {
      const present = series.map((one) => find(one, device));
      return [
        device,
        ...present.flatMap((point) => cells(point, columns)),
        ...(compared ? [gain(present, measure)] : []),
        ...(gains ? [gainInterval(present, measure)] : []),
      ];
    }),
  ];
  const drawn = noiseFrom === undefined ? [] : [`noise${drawnOn(report, noiseFrom)}`];
  const text = align([head, ...rows]);
  return [titleOf(points, measure), ...drawn, ...text, ...footnotes(points, columns)].join('\n');
}

function titleOf(points: readonly Point[], measure: ReportMeasure): string {
  const chips = Math.max(...points.map(({ run }) => run.draws.length));
  const name = measure === 'accuracy' ? 'accuracy' : 'mean squared error';
  return chips === 1 ? `${name} of 1 chip` : `${name}, mean ± standard deviation over ${chips} chips`;
}

function heads(label: string, { measure, interval, tolerance }: TableColumns): string[] {
  return [
    label,
    ...(interval ? ['95 % interval'] : []),
    measure === 'accuracy' ? 'lowest chip' : 'highest chip',
    ...(tolerance ? [measure === 'accuracy' ? '95 % reach' : '95 % within'] : []),
  ];
}

function find({ points }: Series, device: string): Point | undefined {
  return points.find(({ run }) => run.device === device);
}

function cells(point: Point | undefined, { measure, interval, tolerance: bound }: TableColumns): string[] {
  if (point === undefined) return ['–', ...Array<string>(1 + Number(interval) + Number(bound)).fill('')];
  const { mean, std, min, max, ci95, tolerance } = point.statistics;
  const spread = measure === 'accuracy' ? (100 * std).toFixed(1) : significant(std);
  const silent = point.run.draws.some((draw) => draw[measure] === undefined);
  const weakest = silent ? 'no number' : shown(measure, measure === 'accuracy' ? min : max);
  return [
    point.run.draws.length > 1 ? `${shown(measure, mean)} ± ${spread}` : shown(measure, mean),
    ...(interval ? [ci95 ? intervalOf(measure, ci95) : ''] : []),
    weakest,
    ...(bound ? [tolerance ? shownTolerance(measure, tolerance.value) : '–'] : []),
  ];
}

function gain([before, after]: readonly (Point | undefined)[], measure: ReportMeasure): string {
  return before && after ? difference(measure, after.statistics.mean - before.statistics.mean) : '';
}

/** Of the differences chip by chip, which stand beside the model compared with. */
function gainInterval([before]: readonly (Point | undefined)[], measure: ReportMeasure): string {
  const interval = before?.run.difference?.ci95;
  return interval ? interval.map((end) => difference(measure, end).replace(' points', '')).join(' … ') : '';
}

/** Of what intervals and shares speak. Intervals of reports without a standard error are of an older kind. */
function footnotes(points: readonly Point[], { measure, interval, tolerance }: TableColumns): string[] {
  const notes: string[] = [];
  const known = points.some(({ statistics }) => statistics.standardError !== undefined);
  if (known && (interval || points.some(({ run }) => run.difference?.ci95))) {
    const rare =
      measure === 'accuracy' ? 'rare chips that were not drawn included' : 'unless rare chips are far worse';
    notes.push(`95 % interval: of the mean over all chips and all examples, ${rare}`);
  }
  const bounds = points.flatMap(({ statistics }) => statistics.tolerance ?? []);
  const shares = new Set(bounds.map(({ share }) => wholePercent(share)));
  const [bound] = bounds;
  if (!bound || shares.size !== 1) return notes;
  const [column, short, verb] =
    measure === 'accuracy'
      ? ['lowest chip', '95 % reach', 'reach it']
      : ['highest chip', '95 % within', 'stay within it'];
  const sure = wholePercent(bound.confidence);
  notes.push(
    `${tolerance ? short : column}: with ${sure} confidence, at least ${[...shares][0]} of all chips ${verb}`,
  );
  return notes;
}

/** What the worst of the chips says of all, where it is the bound. */
function worstNotes({ series }: Panel, measure: ReportMeasure): string[] {
  const points = series.flatMap((one) => one.points);
  if (points.some(({ statistics: { tolerance } }) => tolerance && tolerance.rank > 1)) return [];
  return footnotes(points, { measure, interval: false, tolerance: false });
}

/** Chips with outputs that are no numbers, by name. */
function silentLines(report: Report): string[] {
  return [...runsByModel(report)].flatMap(([name, runs]) =>
    runs.flatMap(({ device, draws }) => {
      const silent = draws.filter(({ notNumbers }) => notNumbers !== undefined).map(({ chip }) => chip);
      if (silent.length === 0) return [];
      const share = `${silent.length} of ${draws.length} chips of ${labelOf(report, name)} at ${device}`;
      return [`${share} put out values that are no numbers: ${chipList(silent)}`];
    }),
  );
}
