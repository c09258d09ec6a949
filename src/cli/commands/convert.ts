/** `temper convert`: an ANN into a spiking network, the stage alone. */
import { writeModel } from '../../export/writeModel.js';
import { calibrationBatches } from '../../finetune/snn/batches.js';
import { checkConvertible, convertToSnn } from '../../finetune/snn/convert.js';
import { type DataValues, openExamples } from '../open/examples.js';
import { Findings } from '../open/findings.js';
import { openPretrained, outputClasses } from '../open/pretrained.js';
import { apartOptions, askedOf } from '../options/apart.js';
import { conversionOptions } from '../options/conversion.js';
import { dataOptions } from '../options/data.js';
import { seedOptions } from '../options/device.js';
import { dimensionOptions, dimensionsOf } from '../options/dimensions.js';
import { failureOptions } from '../options/terminal.js';
import { threadOptions } from '../options/threads.js';
import { defineCommand } from '../parse/command.js';
import { type OptionValues, text } from '../parse/option.js';
import { settleScaling } from '../scaling/settle.js';
import { table } from '../terminal/table.js';
import type { Terminal } from '../terminal/terminal.js';
import { checkOutputs, makeFolderOf } from '../write/outputFile.js';

const options = {
  ...dataOptions,
  ...dimensionOptions,
  out: text('the spiking network', { value: 'FILE', alias: 'o', required: true }),
  ...conversionOptions,
  ...seedOptions,
  ...threadOptions,
  ...apartOptions,
  ...failureOptions,
};

type ConvertValues = OptionValues<typeof options> & { input: string };

export const convertCommand = defineCommand({
  name: 'convert',
  summary: 'Converts a network with ReLU into a spiking network of integrate-and-fire neurons.',
  positional: { name: 'model', describe: 'ONNX file' },
  options,
  examples: [
    [
      'convert model.onnx --data digits --scaling mnist --timesteps 32 --out spiking.onnx',
      'thresholds from training examples',
    ],
  ],
  async run(values, terminal) {
    const { pretrained, dataset, normalization, notes } = await prepare(values, terminal);
    for (const note of notes) terminal.note(`note: ${note}`);
    const calibration = calibrationBatches(pretrained.network, {
      dataset,
      normalization,
      examples: values.calibration,
      seed: values.seed,
    });
    const converted = await convertToSnn(pretrained.model, pretrained.network, {
      timesteps: values.timesteps,
      neuron: values.neuron,
      percentile: values.percentile,
      calibration,
      ...(values.threads !== undefined && { threads: values.threads }),
      signal: terminal.signal,
    });
    const note = (text: string) => terminal.note(`note: ${text}`);
    await writeModel(values.out, converted.model, { source: values.input, note, limits: askedOf(values) });
    const rows = [...converted.thresholds].map(([layer, threshold]) => [layer, threshold.toPrecision(4)]);
    terminal.print(table(['layer', 'threshold'], rows));
    for (const note of converted.notes) terminal.note(`note: ${note}`);
    terminal.print(`wrote ${values.out}`);
  },
});

async function prepare(values: ConvertValues, { signal }: Terminal) {
  const findings = new Findings();
  const pretrained = await findings.from(() => openPretrained(values.input, dimensionsOf(values.dim)));
  if (pretrained) findings.add('model', checkConvertible(pretrained.model));
  const inputShape = pretrained?.network.inputs[0]?.shape ?? [];
  const classes = pretrained && outputClasses(pretrained.model);
  const dataset = await findings.from(() =>
    openExamples(values as DataValues, 'train', {
      shape: pretrained && inputShape.slice(1),
      outputs: classes,
    }),
  );
  const { threads } = values;
  const scaling = await settleScaling(findings, values, pretrained, dataset, {
    inputShape,
    classes,
    threads,
    signal,
  });
  const read = dataset?.files.map(({ path }) => path) ?? [];
  await findings.from(() => checkOutputs([values.out], [values.input, ...read]));
  findings.refuse();
  await makeFolderOf(values.out);
  const notes = [...pretrained!.notes, ...(dataset!.notes ?? []), ...scaling!.notes];
  return { pretrained: pretrained!, dataset: dataset!, normalization: scaling!.normalization, notes };
}
