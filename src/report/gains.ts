/** What the gain is made of, level by level: chip by chip differences between the models, at each one's noise and at equal noise. */
import { type Html, html } from './html.js';
import { labelOf, measureOf, type ReportMeasure } from './panel.js';
import type { Report, ReportGain } from './report.js';
import { difference } from './words.js';

const columns: readonly { from: string; to: string; name: string }[] = [
  { from: 'before', to: 'after', name: 'the whole' },
  { from: 'before', to: 'clipped', name: 'clipping alone' },
  { from: 'clipped', to: 'after', name: 'training after it' },
  { from: 'plain', to: 'after', name: 'noise in training' },
];

export function gainTable(report: Report): Html | undefined {
  const { gains = [] } = report;
  const present = columns.filter(({ from, to }) =>
    gains.some((gain) => gain.from === from && gain.to === to),
  );
  if (present.length < 2) return undefined;
  const measure = measureOf(report);
  const noises = [undefined, ...new Set(gains.flatMap(({ noiseFrom }) => noiseFrom ?? []))];
  const devices = [...new Set(gains.map(({ device }) => device))];
  const rows = noises.flatMap((noiseFrom) =>
    devices.map((device, i) => {
      const cells = present.map(({ from, to }) => {
        const gain = gains.find(
          (each) =>
            each.from === from && each.to === to && each.device === device && each.noiseFrom === noiseFrom,
        );
        return html`<td class="number">${gain ? gainText(gain, measure) : '–'}</td>`;
      });
      return html`<tr${i === 0 && markedStart}><th scope="row">${device}</th><td>${noiseWords(report, noiseFrom)}</td>${cells}</tr>`;
    }),
  );
  const heads = present.map(({ from, to, name }) => {
    const steps = `${labelOf(report, from)} → ${labelOf(report, to)}`;
    return html`<th scope="col" class="number">${name}<br><small>${steps}</small></th>`;
  });
  return html`<p>Differences on the same chips, ${measure === 'accuracy' ? 'in points of accuracy' : 'of the error (less is better)'}, with 95 % intervals over chips, for these examples; with few chips they are wide, for they allow for chips that differ and were not drawn.
“Own noise” is given relative to each model's own largest weights; “the original's” are the deviations that the original meets, in absolute units, for every model.</p>
<div class="scroll"><table>
<thead><tr><th scope="col">noise</th><th scope="col">drawn on</th>${heads}</tr></thead><tbody>${rows}</tbody></table></div>`;
}

const markedStart = html` class="start"`;

function noiseWords(report: Report, noiseFrom: string | undefined): string {
  return noiseFrom === undefined ? 'own noise' : `the ${labelOf(report, noiseFrom)}'s`;
}

/** The interval on a line of its own, so that all columns fit the page. */
function gainText({ mean, ci95 }: ReportGain, measure: ReportMeasure): Html {
  const plain = (value: number) => difference(measure, value).replace(/ points$/, '');
  return html`${plain(mean)}${ci95 && html`<br><small>(${plain(ci95[0])} … ${plain(ci95[1])})</small>`}`;
}
