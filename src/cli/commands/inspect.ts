/** `temper inspect`: what a model is, what of it sits on crossbars, and what Temper cannot do with it. */
import { stat } from 'node:fs/promises';
import type { Problem } from '../../errors.js';
import { readModelFile } from '../../onnx/file.js';
import { byteSize } from '../../report/words.js';
import { defineCommand } from '../command.js';
import { type Inspection, inspectModel, type ValueDescription } from '../inspection.js';
import { flag } from '../option.js';
import { problemText } from '../problemText.js';
import { table } from '../table.js';

export const inspectCommand = defineCommand({
  name: 'inspect',
  summary: 'Shows what a model is, which weights would sit on crossbars, and what is unsupported.',
  positional: { name: 'model', describe: 'ONNX file' },
  options: { json: flag('print JSON') },
  examples: [
    ['inspect model.onnx', ''],
    ['inspect model.onnx --json', 'the same for programs'],
  ],
  async run({ input, json }, terminal) {
    const { model, sha256 } = await readModelFile(input);
    const { size } = await stat(input);
    const inspection = inspectModel(model, { path: input, bytes: size, sha256 });
    terminal.print(json ? JSON.stringify(inspection, null, 2) : textOf(inspection));
  },
});

function textOf(found: Inspection): string {
  const opsets = Object.entries(found.opsets).map(([domain, version]) => `${domain} ${version}`);
  const operators = Object.entries(found.operators).map(([name, count]) =>
    count > 1 ? `${count} ${name}` : name,
  );
  return [
    `${found.path}  ${byteSize(found.bytes)}`,
    `  IR ${found.irVersion}, operator sets ${opsets.join(', ')}${found.producer && `, from ${found.producer}`}`,
    ...found.inputs.map((value) => `  input   ${valueText(value)}`),
    ...found.outputs.map((value) => `  output  ${valueText(value)}`),
    `  ${Object.values(found.operators).reduce((sum, count) => sum + count, 0)} nodes: ${operators.join(', ')}`,
    `  ${found.parameters.toLocaleString('en')} parameters`,
    '',
    crossbarText(found),
    ...listed(found.unmapped, 'Weights that cannot be placed on a crossbar:'),
    '',
    found.unsupported.length === 0 ? 'Fine-tuning: supported.' : 'Fine-tuning: not supported.',
    ...listed(found.unsupported),
    ...(found.unsupported.length > 0
      ? []
      : [
          found.notSpiking.length === 0
            ? 'Conversion to a spiking network: supported.'
            : 'Conversion to a spiking network: not supported.',
        ]),
    ...listed(found.notSpiking),
  ].join('\n');
}

function valueText({ name, type, shape }: ValueDescription): string {
  return `${name}  ${type.toLowerCase()}${shape ? ` [${shape.map((extent) => extent ?? '?').join(', ')}]` : ''}`;
}

function crossbarText({ crossbar }: Inspection): string {
  if (crossbar.length === 0) return 'No weights would sit on a crossbar.';
  const total = crossbar.reduce((sum, { weights }) => sum + weights, 0);
  const rows = crossbar.map(({ name, opType, dims, weights, largest, stored }) => [
    name,
    opType,
    dims.join(' x '),
    String(weights),
    largest.toPrecision(3),
    stored.toLowerCase(),
  ]);
  return `On crossbars: ${total.toLocaleString('en')} weights in ${crossbar.length} tensors\n${table(
    ['tensor', 'operator', 'shape', 'weights', 'max |w|', 'stored as'],
    rows,
  )}`;
}

function listed(problems: readonly Problem[], title?: string): string[] {
  if (problems.length === 0) return [];
  return [...(title ? ['', title] : []), problemText(problems)];
}
