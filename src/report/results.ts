/** The numbers of the page: cards, curves, the table by noise level, and the table by layer. */
import { legend, panelSvg } from './curve.js';
import { type Html, html, markup } from './html.js';
import { seriesColours, variables } from './palette.js';
import {
  drawnOn,
  labelOf,
  type Measure,
  measureOf,
  type Panel,
  type Point,
  panels,
  runsByModel,
} from './panel.js';
import type { Measured, Report, ReportRun } from './report.js';
import { headline } from './verdict.js';
import { percent, shown, significant } from './words.js';

/** Before and after at the level of the verdict: the mean, the weakest chips, and the price without noise. */
export function cards(report: Report): Html {
  const measure = measureOf(report);
  const { after, before } = headline(report);
  const card = (name: string, value: (statistics: Measured) => number | undefined) => {
    const [now, then] = [value(after.statistics), before && value(before.statistics)];
    if (now === undefined) return undefined;
    const was = then !== undefined && html`<p>${labelOf(report, 'before')}: ${shown(measure, then)}</p>`;
    return html`<div class="card"><p class="value">${shown(measure, now)}</p><p>${name}</p>${was}</div>`;
  };
  const weakest = measure === 'accuracy' ? 'lowest chip' : 'highest chip';
  return html`<div class="cards">${[
    card(`mean over ${after.run.draws.length} chips at ${after.run.device}`, ({ mean }) => mean),
    card('reached by 95 % of the chips', ({ p05 }) => (measure === 'accuracy' ? p05 : undefined)),
    card(weakest, ({ min, max }) => (measure === 'accuracy' ? min : max)),
    card('without noise', ({ clean }) => clean),
  ].filter((content) => content !== undefined)}</div>`;
}

export function curves(report: Report): Html {
  const measure = measureOf(report);
  const figures = panels(report).map((panel, i) => {
    const svg = panelSvg(panel, measure, { palette: variables, id: `curve-${i}`, background: false });
    return html`<figure>${markup(svg)}<figcaption>${caption(report, panel)}${legend(panel)}</figcaption></figure>`;
  });
  return html`${figures}`;
}

function caption(report: Report, { noiseFrom }: Panel): string {
  if (noiseFrom === undefined) return '';
  return `The same chips at equal noise in absolute units${drawnOn(report, noiseFrom).replace(' drawn', ', drawn')}. `;
}

/** Every level, its models below each other. */
export function levelTable(report: Report): Html {
  const measure = measureOf(report);
  const heads = [
    'mean',
    'std',
    '95 % interval of the mean',
    'lowest chip',
    measure === 'accuracy' ? '95 % of chips reach' : '95 % of chips stay below',
    'median',
    'highest chip',
    'chips',
  ];
  const told = new Set<string>();
  const rows = panels(report).flatMap((panel) => [
    ...cleanRows(panel, measure, told),
    ...noiseRows(panel, measure, drawnOn(report, panel.noiseFrom)),
  ]);
  return html`<div class="scroll"><table>
<thead><tr><th scope="col">noise</th><th scope="col">model</th>${heads.map((head) => html`<th scope="col" class="number">${head}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}

/** The noiseless values that no earlier panel has told. */
function cleanRows({ series }: Panel, measure: Measure, told: Set<string>): Html[] {
  const news = series
    .map((own) => ({ own, value: shown(measure, own.points[0]!.statistics.clean) }))
    .filter(({ own, value }) => !told.has(`${own.name} ${value}`));
  for (const { own, value } of news) told.add(`${own.name} ${value}`);
  return news.map(
    ({ own, value }, i) => html`<tr${i === 0 && markup(' class="start"')}>${
      i === 0 && html`<th scope="rowgroup" rowspan="${news.length}">none</th>`
    }
<td>${dot(own.name, series)}${own.label}</td>${[value, ...Array<string>(7).fill('')].map(number)}</tr>`,
  );
}

function noiseRows({ series }: Panel, measure: Measure, drawn: string): Html[] {
  const devices = [...new Set(series.flatMap(({ points }) => points.map(({ run }) => run.device)))];
  return devices.flatMap((device) => {
    const present = series.flatMap((own) => {
      const point = own.points.find(({ run }) => run.device === device);
      return point === undefined ? [] : [{ own, point }];
    });
    return present.map(
      ({ own, point }, i) => html`<tr${i === 0 && markup(' class="start"')}>${
        i === 0 &&
        html`<th scope="rowgroup" rowspan="${present.length}">${device}${drawn && html`<br><small>${drawn}</small>`}</th>`
      }
<td>${dot(own.name, series)}${own.label}</td>${cells(point, measure).map(number)}</tr>`,
    );
  });
}

function cells({ run, statistics }: Point, measure: Measure): string[] {
  const { mean, std, ci95, min, max, p05, p50, p95 } = statistics;
  const optional = (value: number | undefined) => (value === undefined ? '–' : shown(measure, value));
  const spread = measure === 'accuracy' ? (100 * std).toFixed(1) : significant(std);
  const interval =
    measure === 'accuracy'
      ? `${(100 * ci95[0]).toFixed(1)} – ${percent(ci95[1])}`
      : ci95.map(significant).join(' – ');
  return [
    shown(measure, mean),
    spread,
    interval,
    shown(measure, min),
    optional(measure === 'accuracy' ? p05 : p95),
    optional(p50),
    shown(measure, max),
    String(run.draws.length),
  ];
}

function number(text: string): Html {
  return html`<td class="number">${text}</td>`;
}

function dot(name: string, series: Panel['series']): Html {
  const colours = seriesColours(
    series.map((own) => own.name),
    variables,
  );
  return html`<span class="dot" style="background: ${colours.get(name)}"></span>`;
}

/** What the device does to each stored tensor: its noise in units of the weights, and relative to the largest weight. */
export function layerTables(report: Report): Html | undefined {
  const alone = report.runs.every(({ noiseFrom }) => noiseFrom !== undefined);
  const tables = [...runsByModel(report)].flatMap(([name, runs]) => {
    const known = runs.filter((run) => (run.layers?.length ?? 0) > 0 && (alone || !run.noiseFrom));
    return known.length === 0 ? [] : [html`<h3>${labelOf(report, name)}</h3>${layerTable(known)}`];
  });
  return tables.length === 0 ? undefined : html`${tables}`;
}

function layerTable(runs: ReportRun[]): Html {
  const layers = runs[0]!.layers!;
  const rows = layers.map(
    ({
      tensor,
      opType,
      dims,
      absoluteMaximum,
    }) => html`<tr><th scope="row">${tensor}</th><td>${opType}</td><td>${dims.join(' × ')}</td>
${[
  significant(absoluteMaximum),
  ...runs.map((run) => {
    const own = run.layers?.find((layer) => layer.tensor === tensor);
    return own === undefined ? '–' : `${significant(own.std)} (${percent(own.effectiveSigma)})`;
  }),
].map(number)}</tr>`,
  );
  return html`<div class="scroll"><table>
<thead><tr><th scope="col">tensor</th><th scope="col">operator</th><th scope="col">shape</th><th scope="col" class="number">largest |w|</th>
${runs.map((run) => html`<th scope="col" class="number">${run.device}</th>`)}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

/** Requirements and whether they were met. */
export function verdictList({ verdicts }: Report): Html | undefined {
  if (verdicts === undefined || verdicts.length === 0) return undefined;
  const items = verdicts.map(({ requirement, device, value, met }) => {
    const kind = met ? html`<strong class="good">met</strong>` : html`<strong class="bad">not met</strong>`;
    return html`<li>${kind}: <code>${requirement}</code> at ${device} (it is ${significant(value)})</li>`;
  });
  return html`<ul>${items}</ul>`;
}
