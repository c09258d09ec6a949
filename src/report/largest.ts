/**
 * The largest weight of each tensor, before and after: what noise that goes with it goes with. A model whose largest weights
 * were made smaller meets less noise in absolute units.
 */
import { type Html, html } from './html.js';
import { labelOf, runsByModel } from './panel.js';
import type { Report, ReportLayer } from './report.js';
import { significant } from './words.js';

export interface Largest {
  tensor: string;
  /** By the name of the model; left out where it has no such tensor. */
  weights: Map<string, number>;
}

/** In the order of the first model that lists them; nothing unless two models or more do. */
export function largestWeights(report: Report): Largest[] {
  const layers = new Map<string, ReportLayer[]>();
  for (const [name, runs] of runsByModel(report)) {
    const known = runs.find((run) => (run.layers?.length ?? 0) > 0)?.layers;
    if (known) layers.set(name, known);
  }
  const [first, second] = layers.values();
  if (!first || !second) return [];
  return first.map(({ tensor }) => {
    const found = [...layers].flatMap(([name, one]): [string, number][] => {
      const layer = one.find((each) => each.tensor === tensor);
      return layer ? [[name, layer.absoluteMaximum]] : [];
    });
    return { tensor, weights: new Map(found) };
  });
}

/** `hardened 0.31 to 0.62`: of each model, its largest weights as parts of the original's. */
export function largestWords(report: Report): string[] {
  const tensors = largestWeights(report);
  const names = [...new Set(tensors.flatMap(({ weights }) => [...weights.keys()]))];
  return names
    .filter((name) => name !== 'before')
    .flatMap((name) => {
      const parts = tensors.flatMap(({ weights }) => partOf(weights, name) ?? []);
      if (parts.length === 0) return [];
      const [least, most] = [Math.min(...parts), Math.max(...parts)].map((part) => part.toFixed(2));
      return [`${labelOf(report, name)} ${least === most ? least : `${least} to ${most}`}`];
    });
}

function partOf(weights: ReadonlyMap<string, number>, name: string): number | undefined {
  const [one, original] = [weights.get(name), weights.get('before')];
  return one === undefined || !original ? undefined : one / original;
}

/** A row for each tensor, a bar for each model. */
export function largestTable(report: Report): Html | undefined {
  const tensors = largestWeights(report);
  if (tensors.length === 0) return undefined;
  const names = [...new Set(tensors.flatMap(({ weights }) => [...weights.keys()]))];
  const rows = tensors.map(({ tensor, weights }) => {
    const most = Math.max(...weights.values());
    const cells = names.map((name) => {
      const weight = weights.get(name);
      if (weight === undefined) return html`<td class="number">–</td>`;
      const part = partOf(weights, name);
      const share = name === 'before' || part === undefined ? '' : ` (${part.toFixed(2)})`;
      const width = most > 0 ? (100 * weight) / most : 0;
      return html`<td class="number">${significant(weight)}${share}<span class="bar" style="width: ${width.toFixed(1)}%"></span></td>`;
    });
    return html`<tr><th scope="row">${tensor}</th>${cells}</tr>`;
  });
  return html`<p>Noise given relative to the largest weight of a tensor shrinks with it. In brackets: as part of the original's.</p>
<div class="scroll"><table>
<thead><tr><th scope="col">tensor</th>${names.map((name) => html`<th scope="col" class="number">${labelOf(report, name)}</th>`)}</tr></thead>
<tbody>${rows}</tbody></table></div>`;
}
