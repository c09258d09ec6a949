/** The report of `temper inspect` for a reader: tables, and lists that say equal things once. */
import type { Problem } from '../../errors.js';
import { dimensionName } from '../../import/dimensions.js';
import type { PassReport } from '../../import/normalize/pass.js';
import { byteSize } from '../../report/words.js';
import { shortText } from '../../text/shorten.js';
import { visibleLine, withTexts } from '../../text/visible.js';
import { problemText } from '../terminal/problemText.js';
import { table } from '../terminal/table.js';
import type { Inspection, ValueDescription } from './inspection.js';
import type { OperatorSupport } from './support.js';

/** Rows shown of one table, inputs or outputs shown; `--json` has all. */
const longestTable = 40;
const longestOperators = 120;

/** Names are made harmless first: every line break in the text is ours. */
export function inspectionText(inspection: Inspection): string {
  const found = withTexts(inspection, (text) => visibleLine(shortText(text)));
  const sections = [
    listed('Nothing can be computed with these values', found.broken),
    headText(found),
    operatorsText(found.support),
    crossbarText(found),
    digitalText(found),
    // Those first ones are said above.
    listed('What verification refuses', found.unmapped.slice(found.broken.length)),
    passesText(found.normalization),
    listed(
      'Read differently from how it is written',
      found.notes.map((what) => ({ what })),
    ),
    verdicts(found),
  ];
  return sections.filter((section) => section !== '').join('\n\n');
}

function headText(found: Inspection): string {
  const opsets = Object.entries(found.opsets).map(([domain, version]) => `${domain} ${version}`);
  const facts: [string, string][] = [
    ['format', `IR ${found.irVersion}, operator sets ${opsets.join(', ')}`],
    ...(found.producer ? ([['producer', found.producer]] as [string, string][]) : []),
    ...firstOf(found.inputs.map((value): [string, string] => ['input', valueText(value)])),
    ...firstOf(found.outputs.map((value): [string, string] => ['output', valueText(value)])),
    ...firstOf(
      found.open.map(({ input, axis, symbol }): [string, string] => [
        axis === 0 ? 'batch' : 'open',
        `${dimensionName({ input, axis, symbol })} (axis ${axis} of ${input})`,
      ]),
    ),
    ['parameters', parametersText(found)],
  ];
  const width = Math.max(...facts.map(([name]) => name.length));
  const lines = facts.map(([name, text]) => `  ${name.padEnd(width)}  ${shortText(text)}`);
  return [`${found.path}  ${byteSize(found.bytes)}`, ...lines].join('\n');
}

/** The first of many facts of one kind, and how many there are besides. */
function firstOf(facts: readonly [string, string][]): readonly [string, string][] {
  const rest = facts.length - longestTable;
  if (rest <= 0) return facts;
  return [...facts.slice(0, longestTable), [facts[0]![0], `and ${rest} more (--json shows all)`]];
}

function parametersText({ parameters, trained }: Inspection): string {
  const total = parameters.toLocaleString('en');
  const roles = new Map<string, number>();
  for (const { role } of trained) roles.set(role, (roles.get(role) ?? 0) + 1);
  if (roles.size === 0) return `${total}, none of them trained`;
  const numbers = trained.reduce((sum, { size }) => sum + size, 0).toLocaleString('en');
  const words = [...roles].map(([role, count]) => `${count} ${roleText(role, count)}`);
  return `${total}; trained: ${numbers} in ${words.join(', ')}`;
}

function roleText(role: string, count: number): string {
  const word = role === 'unmapped' ? 'unmapped weight' : role;
  return count === 1 ? word : word === 'bias' ? 'biases' : `${word}s`;
}

function operatorsText(support: readonly OperatorSupport[]): string {
  const rows = support.map(({ operator, nodes, supported, refused, gradient, crossbarWeights }) => [
    operator,
    nodes.toLocaleString('en'),
    supported
      ? 'yes'
      : refused === 0
        ? 'no (not needed)'
        : refused < nodes
          ? `no (${refused} of ${nodes})`
          : 'no',
    gradient ?? '',
    crossbarWeights > 0 ? crossbarWeights.toLocaleString('en') : '',
  ]);
  const rest = rows.length - longestOperators;
  const total = support.reduce((sum, { nodes }) => sum + nodes, 0);
  const understood = support.filter(({ supported }) => supported).length;
  return [
    `${total.toLocaleString('en')} nodes, ${support.length} operators, ${understood} of them supported`,
    ...table(['operator', 'nodes', 'supported', 'gradient', 'on crossbars'], rows.slice(0, longestOperators)),
    ...(rest > 0 ? [`and ${rest} more (--json shows all)`] : []),
  ].join('\n');
}

function crossbarText({ crossbar }: Inspection): string {
  if (crossbar.length === 0) return 'No weights would sit on a crossbar.';
  const total = crossbar.reduce((sum, { weights }) => sum + weights, 0);
  const rows = crossbar
    .slice(0, longestTable)
    .map(({ name, opType, dims, weights, largest, stored }) => [
      name,
      opType,
      dims.join(' x '),
      weights.toLocaleString('en'),
      largest === null ? 'unreadable' : largest.toPrecision(3),
      stored.toLowerCase(),
    ]);
  const rest = crossbar.length - rows.length;
  return [
    `On crossbars: ${total.toLocaleString('en')} weights in ${crossbar.length} ${crossbar.length === 1 ? 'tensor' : 'tensors'}`,
    ...table(['tensor', 'operator', 'shape', 'weights', 'max |w|', 'stored as'], rows),
    ...(rest > 0 ? [`and ${rest} more (--json shows all)`] : []),
  ].join('\n');
}

function digitalText({ digital }: Inspection): string {
  if (digital.length === 0) return '';
  const total = digital.reduce((sum, { weights }) => sum + weights, 0);
  const rest = digital.length - longestTable;
  const rows = digital
    .slice(0, longestTable)
    .map(({ tensors, opType, weights }) => [tensors.join(', '), opType, weights.toLocaleString('en')]);
  return [
    `Digital by choice, free of noise: ${total.toLocaleString('en')} weights`,
    ...table(['tensor', 'operator', 'weights'], rows),
    ...(rest > 0 ? [`and ${rest} more (--json shows all)`] : []),
  ].join('\n');
}

/** Passes that have something to say. */
function passesText(reports: readonly PassReport[]): string {
  const busy = reports.filter(({ done, notDone }) => done.length + notDone.length > 0);
  if (busy.length === 0) return '';
  const lines = busy.flatMap(({ pass, done, notDone }) => [
    `  ${pass}`,
    ...shortened(done).map((text) => `    ${text}`),
    ...(notDone.length > 0 ? problemText(notDone).split('\n') : []).map((line) =>
      line.startsWith('  ') ? `      ${line.trim()}` : `    left as it is: ${line}`,
    ),
  ]);
  return ['Made ready for training (the file stays as it is)', ...lines].join('\n');
}

const longestList = 6;

function shortened(texts: readonly string[]): readonly string[] {
  if (texts.length <= longestList) return texts;
  return [...texts.slice(0, longestList), `and ${texts.length - longestList} more (--json shows all)`];
}

function verdicts({ unsupported, notSpiking, unmapped }: Inspection): string {
  const verdict = (what: string, problems: readonly Problem[]) =>
    problems.length === 0 ? `${what}: supported.` : `${what}: not supported.\n${problemText(problems)}`;
  return [
    verdict('Fine-tuning', unsupported),
    ...(unmapped.length > 0
      ? ['Verification: not supported, as said above: the model would look other than it is.']
      : []),
    ...(unsupported.length > 0 ? [] : [verdict('Conversion to a spiking network', notSpiking)]),
  ].join('\n');
}

function valueText({ name, type, shape }: ValueDescription): string {
  return `${name}  ${type.toLowerCase()}${shape ? ` [${shape.map((extent) => extent ?? '?').join(', ')}]` : ''}`;
}

function listed(title: string, problems: readonly Problem[]): string {
  if (problems.length === 0) return '';
  const lines = problemText(problems).split('\n');
  return [title, ...lines.map((line) => `  ${line}`)].join('\n');
}
