/** The result as text for a terminal: one line per noise level, the models side by side. */
import { align } from './align.js';
import { drawnOn, type Measure, measureOf, type Panel, type Point, panels, type Series } from './panel.js';
import type { Report } from './report.js';
import { rivalTable } from './rivalTable.js';
import { difference, shown, significant } from './words.js';

/** No colours, no control characters; ends without a line break. */
export function renderTable(report: Report): string {
  const measure = measureOf(report);
  const all = panels(report);
  const tables = all.flatMap((panel) => {
    const twin = twinOf(all, panel);
    if (panel.noiseFrom !== undefined && twin) return []; // beside it
    const many = panel.series.length > 2 || twin !== undefined;
    return [many ? rivalTable(report, panel, twin, measure) : panelTable(panel, measure, report)];
  });
  return tables.join('\n\n');
}

/** The panel of the same kind of noise, once relative to each model's own weights and once equal for all. */
function twinOf(all: readonly Panel[], panel: Panel): Panel | undefined {
  return all.find(
    (other) =>
      other.kind === panel.kind && (other.noiseFrom === undefined) !== (panel.noiseFrom === undefined),
  );
}

function panelTable({ series, noiseFrom }: Panel, measure: Measure, report: Report): string {
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
    ...(noiseFrom === undefined ? [] : [`noise${drawnOn(report, noiseFrom)}`]),
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
