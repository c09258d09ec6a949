/** The numbers of the page: cards, curves, the table by noise level, and the table by layer. */
import { elementOf } from '../lists/elementOf.js';
import { legend, panelSvg } from './curve.js';
import { type Html, html, markup } from './html.js';
import { seriesColours, variables } from './palette.js';
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
} from './panel.js';
import type { Report, ReportRun, ReportStatistics, ReportTolerance } from './report.js';
import { comparedText } from './requirements.js';
import { headline } from './verdict.js';
import {
  intervalOf,
  percent,
  shown,
  shownSpread,
  shownTolerance,
  significant,
  wholePercent,
} from './words.js';

/** Before and after at the level of the verdict: the mean, the weakest chips, and the price without noise. */
export function cards(report: Report): Html {
  const measure = measureOf(report);
  const found = headline(report);
  if (found === undefined) return html``;
  const { after, before } = found;
  const bound = after.statistics.tolerance;
  const card = (name: string, value: (statistics: ReportStatistics) => number | undefined, show = shown) => {
    const [now, then] = [value(after.statistics), before && value(before.statistics)];
    if (now === undefined) return undefined;
    const was = then !== undefined && html`<p>${labelOf(report, 'before')}: ${show(measure, then)}</p>`;
    return html`<div class="card"><p class="value">${show(measure, now)}</p><p>${name}</p>${was}</div>`;
  };
  const weakest = measure === 'accuracy' ? 'lowest chip' : 'highest chip';
  return html`<div class="cards">${[
    card(`mean over ${after.run.draws.length} chips at ${after.run.device}`, ({ mean }) => mean),
    bound && card(toleranceName(measure, bound), ({ tolerance }) => tolerance?.value, shownTolerance),
    card(weakest, ({ min, max }) => (measure === 'accuracy' ? min : max)),
    card('without noise', ({ clean }) => clean),
  ].filter((content) => content !== undefined)}</div>`;
}

/** `reached by 95 % of all chips, with 95 % confidence`. */
function toleranceName(measure: ReportMeasure, { share, confidence }: ReportTolerance): string {
  const what = measure === 'accuracy' ? 'reached by' : 'not exceeded by';
  return `${what} ${wholePercent(share)} of all chips, with ${wholePercent(confidence)} confidence`;
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
    'std over chips',
    'standard error of the mean',
    '95 % interval of the mean',
    'lowest chip',
    measure === 'accuracy' ? 'share of all chips that reach' : 'share of all chips that stay below',
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
<tbody>${rows}</tbody></table></div>
${isKnown(report, measure) && html`<p>${intervalText(report.data.count, measure)}</p>`}`;
}

/** Whether the intervals are of the kind described; those of older reports are not. */
function isKnown({ runs }: Report, measure: ReportMeasure): boolean {
  return runs.some((run) => run[measure]?.standardError !== undefined);
}

/** Of what the interval and the shares speak. */
function intervalText(examples: number, measure: ReportMeasure): string {
  const error =
    measure === 'mse'
      ? ' Errors have no upper bound: its upper end assumes no rare chip far worse than those sampled.'
      : '';
  return `The interval is that of the mean over all chips and all examples, of which the chips and the ${examples} examples judged are a sample; it allows for rare chips that were not drawn, which the standard error does not.${error} Shares of all chips hold with 95 % confidence, on these examples.`;
}

/** The noiseless values that no earlier panel has told. */
function cleanRows({ series }: Panel, measure: ReportMeasure, told: Set<string>): Html[] {
  const news = series
    .map((one) => ({ one, value: shown(measure, cleanOf(one)) }))
    .filter(({ one, value }) => !told.has(`${one.name} ${value}`));
  for (const { one, value } of news) told.add(`${one.name} ${value}`);
  return news.map(
    ({ one, value }, i) => html`<tr${i === 0 && markup(' class="start"')}>${
      i === 0 && html`<th scope="rowgroup" rowspan="${news.length}">none</th>`
    }
<td>${dot(one.name, series)}${one.label}</td>${[value, ...Array<string>(8).fill('')].map(number)}</tr>`,
  );
}

function noiseRows({ series }: Panel, measure: ReportMeasure, drawn: string): Html[] {
  const devices = [...new Set(series.flatMap(({ points }) => points.map(({ run }) => run.device)))];
  return devices.flatMap((device) => {
    const present = series.flatMap((one) => {
      const point = one.points.find(({ run }) => run.device === device);
      return point === undefined ? [] : [{ one, point }];
    });
    return present.map(
      ({ one, point }, i) => html`<tr${i === 0 && markup(' class="start"')}>${
        i === 0 &&
        html`<th scope="rowgroup" rowspan="${present.length}">${device}${drawn && html`<br><small>${drawn}</small>`}</th>`
      }
<td>${dot(one.name, series)}${one.label}</td>${cells(point, measure).map(number)}</tr>`,
    );
  });
}

function cells({ run, statistics }: Point, measure: ReportMeasure): string[] {
  const { mean, std, standardError, ci95, min, max, p50, tolerance } = statistics;
  const optional = (value: number | undefined) => (value === undefined ? '–' : shown(measure, value));
  const spread =
    run.draws.length < 2 ? '–' : measure === 'accuracy' ? (100 * std).toFixed(1) : significant(std);
  const silent = run.draws.filter((draw) => draw[measure] === undefined).length;
  return [
    shown(measure, mean),
    spread,
    standardError === undefined ? '–' : shownSpread(measure, standardError),
    ci95 ? intervalOf(measure, ci95) : '–',
    shown(measure, min),
    tolerance ? `${wholePercent(tolerance.share)}: ${shownTolerance(measure, tolerance.value)}` : '–',
    optional(p50),
    silent > 0 ? 'no number' : shown(measure, max),
    silent > 0 ? `${run.draws.length - silent} of ${run.draws.length}` : String(run.draws.length),
  ];
}

function number(text: string): Html {
  return html`<td class="number">${text}</td>`;
}

function dot(name: string, series: Panel['series']): Html {
  const colours = seriesColours(
    series.map((one) => one.name),
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
  const { layers = [] } = elementOf(runs, 0, 'run');
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
    const one = run.layers?.find((layer) => layer.tensor === tensor);
    return one === undefined ? '–' : `${significant(one.std)} (${percent(one.effectiveSigma)})`;
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
  const items = verdicts.map((verdict) => {
    const { requirement, device, met } = verdict;
    const kind = met ? html`<strong class="good">met</strong>` : html`<strong class="bad">not met</strong>`;
    return html`<li>${kind}: <code>${requirement}</code> at ${device} (${comparedText(verdict)})</li>`;
  });
  return html`<ul>${items}</ul>`;
}
