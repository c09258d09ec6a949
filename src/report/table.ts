/** The result as text for a terminal: one line per noise level, the models side by side. */
import { type Measure, measureOf, type Panel, type Point, panels, type Series } from './panel.js';
import type { Report } from './report.js';
import { difference, shown, significant } from './words.js';

/** No colours, no control characters; ends without a line break. */
export function renderTable(report: Report): string {
  const measure = measureOf(report);
  return panels(report)
    .map((panel) => panelTable(panel, measure))
    .join('\n\n');
}

function panelTable({ series }: Panel, measure: Measure): string {
  const compared = series.length === 2;
  const weakest = measure === 'accuracy' ? 'lowest chip' : 'highest chip';
  const head = ['noise', ...series.flatMap(({ label }) => [label, weakest]), ...(compared ? ['gain'] : [])];
  const devices = [...new Set(series.flatMap(({ points }) => points.map(({ run }) => run.device)))];
  const clean = series.map(({ points }) => points[0]!.statistics.clean);
  const rows = [
    [
      'none',
      ...clean.flatMap((value) => [shown(measure, value), '']),
      ...(compared ? [difference(measure, clean[1]! - clean[0]!)] : []),
    ],
    ...devices.map((device) => {
      const points = series.map((own) => find(own, device));
      const [before, after] = points;
      const gained =
        before && after ? difference(measure, after.statistics.mean - before.statistics.mean) : '';
      return [device, ...points.flatMap((point) => cells(point, measure)), ...(compared ? [gained] : [])];
    }),
  ];
  const chips = Math.max(...series.flatMap(({ points }) => points.map(({ run }) => run.draws.length)));
  const name = measure === 'accuracy' ? 'accuracy' : 'mean squared error';
  return [
    `${name}, mean ± standard deviation over ${chips} ${chips === 1 ? 'chip' : 'chips'}`,
    ...align([head, ...rows]),
  ].join('\n');
}

function find({ points }: Series, device: string): Point | undefined {
  return points.find(({ run }) => run.device === device);
}

function cells(point: Point | undefined, measure: Measure): string[] {
  if (point === undefined) return ['–', ''];
  const { mean, std, min, max } = point.statistics;
  const spread = measure === 'accuracy' ? (100 * std).toFixed(1) : significant(std);
  return [`${shown(measure, mean)} ± ${spread}`, shown(measure, measure === 'accuracy' ? min : max)];
}

/** First column to the left, all others to the right; a rule below the head. */
function align(rows: string[][]): string[] {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => [...row[column]!].length)));
  const lines = rows.map((row) =>
    row
      .map((cell, column) => {
        const space = ' '.repeat(widths[column]! - [...cell].length);
        return column === 0 ? cell + space : space + cell;
      })
      .join('  ')
      .trimEnd(),
  );
  return [lines[0]!, widths.map((size) => '-'.repeat(size)).join('  '), ...lines.slice(1)];
}
