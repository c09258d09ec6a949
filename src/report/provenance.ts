/** Where the numbers come from: noise model and its gaps, inputs with their hashes, settings, and how to repeat it all. */
import { elementOf } from '../lists/elementOf.js';
import { pathWord, shellLine } from '../text/shell.js';
import { type Html, html } from './html.js';
import { labelOf, modelOf, runsByModel } from './panel.js';
import type { Report, ReportRun } from './report.js';
import { byteSize, capital } from './words.js';

/** One entry per device family: what it does to a weight, who measured it, what it leaves out. */
export function noiseModel(report: Report): Html {
  const families = new Map<string, ReportRun[]>();
  for (const run of [...runsByModel(report).values()].flat()) {
    const [name = ''] = run.device.split(':');
    families.set(name, [...(families.get(name) ?? []), run]);
  }
  const entries = [...families].map(([name, runs]) => {
    const explained = runs.find(({ citation, formula, notModelled }) => citation ?? formula ?? notModelled);
    const told = explained ?? elementOf(runs, 0, 'run');
    const specs = [...new Set(runs.map(({ device }) => device))];
    const gaps = told.notModelled ?? [];
    const grounds = new Set(runs.flatMap(({ noiseOn }) => noiseOn ?? []));
    return html`<h3>${name}</h3>
<p>${told.summary && html`${sentence(told.summary)} `}Used as ${specs.map((spec, i) => html`${i > 0 && ', '}<code>${spec}</code>`)}.</p>
${[...grounds].map((ground) => html`<p>Noise on ${ground}; not on the conductances that crossbar.json describes.</p>`)}
${told.formula && html`<pre>${told.formula}</pre>`}
${told.citation && html`<p>Source: ${told.citation}.</p>`}
${gaps.length > 0 && html`<p>It leaves out:</p><ul>${gaps.map((gap) => html`<li>${gap}</li>`)}</ul>`}`;
  });
  return html`<p>A chip is one draw of the device for every weight on a crossbar (Conv, ConvTranspose, Gemm, MatMul; not biases, not
normalisation), held for all examples. Chip numbers mean the same draw at every level and for every model with the same tensors.</p>${digitalPart(report)}${entries}`;
}

/** Which layers carry no noise because they stay digital. */
function digitalPart(report: Report): Html[] {
  return [...runsByModel(report).keys()].flatMap((name) => {
    const weights = modelOf(report, name)?.weights;
    if (!weights || weights.digital === 0) return [];
    const { crossbar, digital, layers, chosenBy } = weights;
    const all = crossbar + digital;
    const list = layers.map(
      (layer) =>
        html`<li><code>${layer.tensors.join(', ')}</code> (${layer.opType}, ${layer.weights.toLocaleString('en')})</li>`,
    );
    return [
      html`<p>${labelOf(report, name)}: ${digital.toLocaleString('en')} of ${all.toLocaleString('en')} weights digital, free of noise${chosenBy === 'file' && ', as the file says'}.</p><ul>${list}</ul>`,
    ];
  });
}

function sentence(text: string): string {
  return `${capital(text)}.`;
}

/** Inputs, settings, versions. */
export function recipe(report: Report): Html {
  const { data, settings = {}, versions = {}, files = [] } = report;
  const models = [...runsByModel(report).keys()].map((name) => ({ name, facts: modelOf(report, name) }));
  const normalised =
    data.mean && data.std && `mean ${data.mean.join(', ')}, standard deviation ${data.std.join(', ')}`;
  const facts: [string, Html | string | undefined][] = [
    ...models.map(({ name, facts: file }): [string, Html] => [
      `model (${labelOf(report, name)})`,
      html`${file?.path ?? '–'}${file?.bytes !== undefined && ` (${byteSize(file.bytes)})`}${hash(file?.sha256)}`,
    ]),
    [
      'data',
      html`<code>${data.spec}</code>, ${data.count} examples${data.sampled && `, a class-balanced sample of ${data.sampled.of} (seed ${data.sampled.seed})`}`,
    ],
    ['normalisation', normalised || undefined],
    ['chips', report.chips?.toString()],
    ['seed', report.seed?.toString()],
    ['numerics', report.numerics],
    ...Object.entries(settings).map(([name, value]): [string, string | undefined] => [
      name,
      value === undefined || value === null
        ? undefined
        : Array.isArray(value)
          ? value.join(', ')
          : String(value),
    ]),
    ...Object.entries(versions),
  ];
  const inputs = (data.files ?? []).map(
    ({ path, sha256 }) => html`<li><code>${path}</code>${hash(sha256)}</li>`,
  );
  const written = files.map(
    ({ path, sha256, bytes }) =>
      html`<li><code>${path}</code>${bytes !== undefined && ` (${byteSize(bytes)})`}${hash(sha256)}</li>`,
  );
  return html`<dl>${facts.flatMap(([name, value]) => (value === undefined ? [] : [html`<dt>${name}</dt><dd>${value}</dd>`]))}</dl>
${inputs.length > 0 && html`<h3>Data files</h3><ul>${inputs}</ul>`}
${written.length > 0 && html`<h3>Files written</h3><ul>${written}</ul>`}`;
}

function hash(sha256: string | undefined): Html | undefined {
  return sha256 === undefined ? undefined : html`<br><code class="hash">sha256 ${sha256}</code>`;
}

/** The command as given, or the verification spelled out from the report's own facts. */
export function repetition(report: Report): Html {
  const { command = verifyCommand(report) } = report;
  return html`<pre>${command}</pre>
<p>Equal inputs (by their hashes), seeds and versions give equal draws everywhere, and equal results on the same type of processor.</p>`;
}

function verifyCommand(report: Report): string {
  const { path = 'MODEL', weights } =
    modelOf(report, elementOf([...runsByModel(report).keys()], -1, 'model')) ?? {};
  const devices = [...new Set(report.runs.map(({ device }) => device))];
  const digital =
    weights?.chosenBy === 'option' ? weights.layers.flatMap(({ tensors }) => tensors.slice(0, 1)) : [];
  const { data, chips = elementOf(report.runs, 0, 'run').draws.length, seed = 0 } = report;
  const words = ['temper', 'verify', pathWord(path), '--data', data.spec];
  for (const device of devices) words.push('--device', device);
  for (const name of digital) words.push('--digital', name);
  words.push('--draws', String(chips), '--seed', String(seed), '--limit', String(data.count));
  if (data.sampled && data.sampled.seed !== 0) words.push('--split-seed', String(data.sampled.seed));
  if (data.mean) words.push('--mean', data.mean.join(','));
  const { noiseFrom } = report;
  if (noiseFrom?.path) words.push('--noise-from', pathWord(noiseFrom.path));
  if (data.std) words.push('--std', data.std.join(','));
  return shellLine(words);
}
