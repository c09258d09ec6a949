/** `temper inspect`: what a model is, what of it sits on crossbars, and what Temper cannot do with it. */
import { stat } from 'node:fs/promises';
import { readModelFile } from '../../onnx/file.js';
import { inspectModel } from '../inspect/inspection.js';
import { inspectionText } from '../inspect/text.js';
import { digitalOf, digitalOptions } from '../options/digital.js';
import { dimensionOptions, dimensionsOf } from '../options/dimensions.js';
import { defineCommand } from '../parse/command.js';
import { flag } from '../parse/option.js';
import { jsonLines } from '../terminal/terminal.js';

/** Takes seconds. */
const manyNodes = 20_000;

export const inspectCommand = defineCommand({
  name: 'inspect',
  summary: 'Shows what a model is, which weights would sit on crossbars, and what is unsupported.',
  positional: { name: 'model', describe: 'ONNX file' },
  options: { ...dimensionOptions, ...digitalOptions, json: flag('print JSON') },
  examples: [
    ['inspect model.onnx', ''],
    ['inspect model.onnx --json', 'the same for programs'],
    ['inspect model.onnx --dim time=100', 'where the file leaves an extent open beside the batch'],
  ],
  async run({ input, json, dim, digital }, { print, note }) {
    const dimensions = dimensionsOf(dim);
    const { model, sha256 } = await readModelFile(input);
    const { size } = await stat(input);
    const nodes = model.graph.nodes.length;
    if (nodes > manyNodes) note(`note: ${nodes} nodes: this may take a minute`);
    const inspection = inspectModel(
      model,
      { path: input, bytes: size, sha256 },
      dimensions,
      digitalOf(digital),
    );
    print(json ? jsonLines(inspection) : inspectionText(inspection).split('\n'));
  },
});
