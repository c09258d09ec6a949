/** `temper finetune`: the training stage alone. */
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { join, parse } from 'node:path';
import { checkDataset } from '../../data/check.js';
import type { Dataset } from '../../data/dataset.js';
import type { Normalization } from '../../data/normalize.js';
import { TemperError } from '../../errors.js';
import { writeModel } from '../../export/writeModel.js';
import type { Lock } from '../../files/lock.js';
import { placeOf } from '../../files/place.js';
import { checkpointNames } from '../../finetune/checkpoint/checkpoint.js';
import { finetune } from '../../finetune/finetune.js';
import { checkTraining } from '../../finetune/run/run.js';
import type { Settings } from '../../finetune/settings/settings.js';
import { scopeText } from '../../finetune/start/started.js';
import { type DataValues, openExamples } from '../open/examples.js';
import { Findings } from '../open/findings.js';
import { openPretrained, outputClasses, type Pretrained } from '../open/pretrained.js';
import { apartOptions, askedOf, memoryOf } from '../options/apart.js';
import { dataOptions } from '../options/data.js';
import { deviceOptions, seedOptions } from '../options/device.js';
import { digitalOf, digitalOptions } from '../options/digital.js';
import { dimensionOptions, dimensionsOf } from '../options/dimensions.js';
import { failureOptions, terminalOptions } from '../options/terminal.js';
import { threadOptions } from '../options/threads.js';
import { trainingOptions, trainingSettings } from '../options/training.js';
import { defineCommand } from '../parse/command.js';
import { type OptionValues, text } from '../parse/option.js';
import { lockFolder, underLock } from '../run/lockedFolder.js';
import { settleScaling } from '../scaling/settle.js';
import { createProgress } from '../terminal/progress.js';
import type { Terminal } from '../terminal/terminal.js';
import { trainingProgress } from '../terminal/trainingProgress.js';
import { checkOutputs, makeFolderOf } from '../write/outputFile.js';

const options = {
  ...dataOptions,
  ...dimensionOptions,
  out: text('the fine-tuned model', { value: 'FILE', alias: 'o', required: true }),
  ...deviceOptions,
  ...digitalOptions,
  ...trainingOptions,
  checkpoint: text('folder for checkpoints: the same command goes on from there after an interruption', {
    value: 'DIR',
  }),
  ...seedOptions,
  ...threadOptions,
  ...apartOptions,
  ...terminalOptions,
  ...failureOptions,
};

type FinetuneValues = OptionValues<typeof options> & { input: string };

export const finetuneCommand = defineCommand({
  name: 'finetune',
  summary: 'Trains a model, by default at weights as the device would hold them; the graph stays as it is.',
  positional: { name: 'model', describe: 'pretrained ONNX file' },
  options,
  examples: [
    ['finetune model.onnx --data digits --scaling mnist --device gaussian:0.1 --out tuned.onnx', ''],
    [
      'finetune model.onnx --data digits --scaling mnist --method plain --epochs 2 --out tuned.onnx',
      'ordinary training',
    ],
  ],
  async run(values, terminal) {
    const { pretrained, dataset, normalization, settings, recipe, notes } = await prepare(values, terminal);
    for (const note of notes) terminal.note(`note: ${note}`);
    const lock = await lockOf(values, terminal);
    const progress = createProgress(terminal, values.quiet);
    const show = trainingProgress(progress);
    try {
      const result = await finetune({
        ...settings,
        model: pretrained.model,
        network: pretrained.network,
        dataset,
        normalization,
        ...memoryOf(values),
        ...(values.checkpoint !== undefined && { checkpoint: { folder: values.checkpoint, recipe } }),
        onProgress: (event) => {
          if (event.kind === 'remark') terminal.note(`note: ${event.text}`);
          if (event.kind === 'start')
            for (const line of scopeText(event.scope)) terminal.note(`note: ${line}`);
          show(event);
        },
        onDivergence: async (model, { epoch }) => {
          const file = await besideOutput(values.out, epoch);
          await writeModel(file, model, { source: values.input });
          return file;
        },
        signal: lock ? underLock(terminal, lock).signal : terminal.signal,
      });
      progress.finish();
      for (const note of result.notes) terminal.note(`note: ${note}`);
      const note = (text: string) => terminal.note(`note: ${text}`);
      await writeModel(values.out, result.model, { source: values.input, note, limits: askedOf(values) });
      terminal.print(`wrote ${values.out}`);
    } catch (error) {
      lock?.check();
      throw withResumeHint(error, values);
    } finally {
      progress.stop();
      await lock?.release();
    }
  },
});

/** Two processes with one folder of checkpoints would take each other's. */
async function lockOf({ checkpoint }: FinetuneValues, { note, signal }: Terminal): Promise<Lock | undefined> {
  if (checkpoint === undefined) return undefined;
  return lockFolder(checkpoint, { tell: (text) => note(`note: ${text}`), signal });
}

/**
 * `tuned.best-epoch-3.onnx` beside `tuned.onnx`, or with a number where that exists: it was not named by the user. Nothing is put
 * beside pipes and devices.
 */
async function besideOutput(out: string, epoch: number): Promise<string> {
  const { kind } = await placeOf(out);
  const { dir, name, ext } = parse(kind === 'file' ? out : 'tuned.onnx');
  const first = join(dir, `${name}.best-epoch-${epoch}`);
  let path = `${first}${ext}`;
  for (let i = 2; existsSync(path); i++) path = `${first}-${i}${ext}`;
  return path;
}

interface PreparedFinetuning {
  pretrained: Pretrained;
  dataset: Dataset;
  normalization: Normalization;
  settings: Settings;
  notes: string[];
  /** For the checkpoint. */
  recipe: string;
}

async function prepare(values: FinetuneValues, { signal }: Terminal): Promise<PreparedFinetuning> {
  const findings = new Findings();
  const pretrained = await findings.from(() =>
    openPretrained(values.input, dimensionsOf(values.dim), digitalOf(values.digital)),
  );
  const inputShape = pretrained?.network.inputs[0]?.shape ?? [];
  const limit = values['train-limit'];
  const classes = pretrained && outputClasses(pretrained.model);
  const dataset = await findings.from(() =>
    openExamples(values as DataValues, 'train', { limit, shape: inputShape.slice(1), outputs: classes }),
  );
  const { threads } = values;
  const scaling = await settleScaling(findings, values, pretrained, dataset, {
    inputShape,
    classes,
    threads,
    signal,
  });
  const settings = await findings.from(() => trainingSettings(values, dataset ?? { shape: [] }));
  if (pretrained && dataset && scaling && settings) {
    const { augmentation } = settings;
    const { normalization } = scaling;
    findings.add('model', checkDataset(dataset, { inputShape, classes, normalization, augmentation }));
    await findings.from(() =>
      checkTraining({ ...settings, ...pretrained, ...memoryOf(values), dataset, normalization }),
    );
  }
  const read = dataset?.files.map(({ path }) => path) ?? [];
  const { checkpoint } = values;
  const taken =
    checkpoint === undefined ? [] : [...checkpointNames, 'lock'].map((name) => join(checkpoint, name));
  await findings.from(() => checkOutputs([values.out], [values.input, ...read, ...taken]));
  findings.refuse();
  await makeFolderOf(values.out);
  const { normalization } = scaling!;
  const opened = { pretrained: pretrained!, dataset: dataset!, settings: settings!, normalization };
  const notes = [...pretrained!.notes, ...(dataset!.notes ?? []), ...scaling!.notes];
  return { ...opened, notes, recipe: recipeOf(values, opened) };
}

/** Hash of what decides the run, wherever its inputs lie. */
function recipeOf(
  values: FinetuneValues,
  { pretrained, dataset, settings, normalization }: Omit<PreparedFinetuning, 'recipe' | 'notes'>,
): string {
  const examples = [dataset.files.map(({ sha256 }) => sha256), dataset.split, dataset.count];
  const reading = [values.data.split(':', 1)[0], values['test-fraction'], values['split-seed']];
  const content = [
    pretrained.sha256,
    examples,
    reading,
    normalization,
    settings,
    ...(values.dim ?? []),
    ...(values.digital === undefined ? [] : [{ digital: digitalOf(values.digital) }]),
  ];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

function withResumeHint(error: unknown, { checkpoint }: FinetuneValues): unknown {
  if (!(error instanceof TemperError) || error.kind !== 'interrupted' || checkpoint !== undefined)
    return error;
  const hint = 'nothing was written; with --checkpoint DIR the same command would go on from here';
  return new TemperError('interrupted', { ...error.problems[0]!, hint }, { cause: error });
}
