/** `temper finetune`: the training stage alone. */
import { createHash } from 'node:crypto';
import { checkDataset } from '../../data/check.js';
import type { Dataset } from '../../data/dataset.js';
import { TemperError } from '../../errors.js';
import { writeModel } from '../../export/writeModel.js';
import { finetune } from '../../finetune/finetune.js';
import { checkTraining } from '../../finetune/run.js';
import type { Settings } from '../../finetune/settings.js';
import { scopeText } from '../../finetune/started.js';
import { defineCommand } from '../command.js';
import { type DataValues, normalizationOf, openExamples } from '../examples.js';
import { Findings } from '../findings.js';
import { type OptionValues, text } from '../option.js';
import { dataOptions } from '../options/data.js';
import { deviceOptions, seedOptions } from '../options/device.js';
import { dimensionOptions, dimensionsOf } from '../options/dimensions.js';
import { terminalOptions } from '../options/terminal.js';
import { threadOptions, trainingOptions, trainingSettings } from '../options/training.js';
import { checkOutputs, makeFolderOf } from '../outputFile.js';
import { openPretrained, outputClasses, type Pretrained } from '../pretrained.js';
import { createProgress } from '../progress.js';
import { statedInputNotes } from '../statedInput.js';
import { trainingProgress } from '../trainingProgress.js';

const options = {
  ...dataOptions,
  ...dimensionOptions,
  out: text('the fine-tuned model', { value: 'FILE', alias: 'o', required: true }),
  ...deviceOptions,
  ...trainingOptions,
  checkpoint: text('folder for checkpoints: the same command goes on from there after an interruption', {
    value: 'DIR',
  }),
  ...seedOptions,
  ...threadOptions,
  ...terminalOptions,
};

type Values = OptionValues<typeof options> & { input: string };

export const finetuneCommand = defineCommand({
  name: 'finetune',
  summary: 'Trains a model, by default at weights as the device would hold them; the graph stays as it is.',
  positional: { name: 'model', describe: 'pretrained ONNX file' },
  options,
  examples: [
    ['finetune model.onnx --data digits --device gaussian:0.1 --out tuned.onnx', ''],
    ['finetune model.onnx --data digits --method plain --epochs 2 --out tuned.onnx', 'ordinary training'],
  ],
  async run(values, terminal) {
    const { pretrained, dataset, settings, recipe } = await prepare(values);
    const notes = [...pretrained.notes, ...statedInputNotes(pretrained.model, normalizationOf(values))];
    for (const note of notes) terminal.note(`note: ${note}`);
    const progress = createProgress(terminal, values.quiet);
    const show = trainingProgress(progress);
    try {
      const result = await finetune({
        ...settings,
        model: pretrained.model,
        network: pretrained.network,
        dataset,
        normalization: normalizationOf(values),
        ...(values.threads !== undefined && { threads: values.threads }),
        ...(values.checkpoint !== undefined && { checkpoint: { folder: values.checkpoint, recipe } }),
        onProgress: (event) => {
          if (event.kind === 'start')
            for (const line of scopeText(event.scope)) terminal.note(`note: ${line}`);
          show(event);
        },
        signal: terminal.signal,
      });
      progress.finish();
      for (const note of result.notes) terminal.note(`note: ${note}`);
      const note = (text: string) => terminal.note(`note: ${text}`);
      await writeModel(values.out, result.model, { source: values.input, note });
      terminal.print(`wrote ${values.out}`);
    } catch (error) {
      throw withResumeHint(error, values);
    } finally {
      progress.stop();
    }
  },
});

interface Prepared {
  pretrained: Pretrained;
  dataset: Dataset;
  settings: Settings;
  /** For the checkpoint. */
  recipe: string;
}

async function prepare(values: Values): Promise<Prepared> {
  const findings = new Findings();
  const pretrained = await findings.from(() => openPretrained(values.input, dimensionsOf(values.dim)));
  const inputShape = pretrained?.network.inputs[0]?.shape ?? [];
  const limit = values['train-limit'];
  const dataset = await findings.from(() =>
    openExamples(values as DataValues, 'train', { limit, shape: inputShape.slice(1) }),
  );
  const settings = await findings.from(() => trainingSettings(values, dataset ?? { shape: [] }));
  if (pretrained && dataset && settings) {
    const { augmentation } = settings;
    const classes = outputClasses(pretrained.model);
    const normalization = normalizationOf(values);
    findings.add('model', checkDataset(dataset, { inputShape, classes, normalization, augmentation }));
    await findings.from(() => checkTraining({ ...settings, ...pretrained, dataset, normalization }));
  }
  const read = dataset?.files.map(({ path }) => path) ?? [];
  await findings.from(() => checkOutputs([values.out], [values.input, ...read]));
  findings.refuse();
  await makeFolderOf(values.out);
  const opened = { pretrained: pretrained!, dataset: dataset!, settings: settings! };
  return { ...opened, recipe: recipeOf(values, opened) };
}

/** Hash of what decides the run, wherever its inputs lie. */
function recipeOf(values: Values, { pretrained, dataset, settings }: Omit<Prepared, 'recipe'>): string {
  const examples = [dataset.files.map(({ sha256 }) => sha256), dataset.split, dataset.count];
  const reading = [values.data.split(':', 1)[0], values['test-fraction'], values['split-seed']];
  const content = [
    pretrained.sha256,
    examples,
    reading,
    normalizationOf(values),
    settings,
    ...(values.dim ?? []),
  ];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

function withResumeHint(error: unknown, { checkpoint }: Values): unknown {
  if (!(error instanceof TemperError) || error.kind !== 'interrupted' || checkpoint !== undefined)
    return error;
  const hint = 'nothing was written; with --checkpoint DIR the same command would go on from here';
  return new TemperError('interrupted', { ...error.problems[0]!, hint }, { cause: error });
}
