/** Before any work of `temper harden`: everything opened, checked, and written down as a recipe. */
import { join } from 'node:path';
import { checkDataset } from '../../data/check.js';
import type { Dataset, Split } from '../../data/dataset.js';
import type { Normalization } from '../../data/normalize.js';
import { parseDataSpec } from '../../data/spec.js';
import { parseDevice } from '../../devices/index.js';
import { TemperError } from '../../errors.js';
import { exportModel } from '../../export/exportModel.js';
import { checkTraining } from '../../finetune/run/run.js';
import type { Settings } from '../../finetune/settings/settings.js';
import { checkConvertible } from '../../finetune/snn/convert.js';
import { checkRange } from '../../mapping/conductance.js';
import { trainingModes } from '../../mapping/trainingModes.js';
import { openExamples } from '../open/examples.js';
import { Findings } from '../open/findings.js';
import { openPretrained, outputClasses, type Pretrained } from '../open/pretrained.js';
import { memoryOf } from '../options/apart.js';
import { digitalOf } from '../options/digital.js';
import { dimensionsOf } from '../options/dimensions.js';
import { exportSettings } from '../options/export.js';
import type { hardenOptions } from '../options/harden.js';
import { type TrainingValues, trainingSettings } from '../options/training.js';
import type { Arguments } from '../parse/command.js';
import { deviceLevels } from '../parse/levels.js';
import type { OptionValues } from '../parse/option.js';
import { environment } from '../run/environment.js';
import { type Recipe, recipeOptions } from '../run/recipe.js';
import { repetitionNotes } from '../run/repetition.js';
import { runFiles } from '../run/runFiles.js';
import { holdsRun } from '../run/runFolder.js';
import { settleScaling } from '../scaling/settle.js';
import type { Terminal } from '../terminal/terminal.js';
import { checkOutputs } from '../write/outputFile.js';
import { perhapsMoved } from './moved.js';

export type HardenValues = OptionValues<typeof hardenOptions> & Arguments;

export interface PreparedRun {
  values: HardenValues;
  pretrained: Pretrained;
  train: Dataset;
  test: Dataset;
  normalization: Normalization;
  /** What a reader of the results should know of model and data. */
  notes: string[];
  settings: Settings;
  /** Canonical spec of the device trained for, and of the devices verified on. */
  device: string;
  levels: string[];
  recipe: Recipe;
}

/** Throws one TemperError with everything that is wrong with model, data, device and options. */
export async function prepare(values: HardenValues, { signal }: Terminal): Promise<PreparedRun> {
  const findings = new Findings();
  await findings.from(() => refuseOneSplit(values.data));
  const device = await findings.from(() => parseDevice(values.device));
  const levels = device && (await findings.from(() => deviceLevels(values.device, values.levels)));
  await findings.from(() => checkRange({ gMin: values['g-min'], gMax: values['g-max'] }));
  const begun = !values.fresh && (await holdsRun(values.out));
  const pretrained = await findings.from(() =>
    openPretrained(values.input, dimensionsOf(values.dim), digitalOf(values.digital)).catch(
      perhapsMoved('model', values, begun),
    ),
  );
  if (pretrained) findings.add('model', trainingModes(pretrained.model));
  if (pretrained && values.snn) findings.add('model', checkConvertible(pretrained.model));
  // What cannot be quantized now could not be after training.
  if (pretrained && values.bits)
    await findings.from(() =>
      exportModel(pretrained.model, { ...exportSettings(values), digital: digitalOf(values.digital) }),
    );
  const inputShape = pretrained?.network.inputs[0]?.shape ?? [];
  const classes = pretrained && outputClasses(pretrained.model);
  const request = { shape: pretrained && inputShape.slice(1), outputs: classes };
  const opened = (split: Split, limit: number | undefined) =>
    findings.from(() =>
      openExamples(values, split, { ...request, limit }).catch(perhapsMoved('data', values, begun)),
    );
  const train = await opened('train', values['train-limit']);
  const test = await opened('test', values.limit);
  const { threads } = values;
  const scaling = await settleScaling(findings, values, pretrained, train, {
    ...{ inputShape, classes, threads, signal, begun },
  });
  const settings = await findings.from(() => trainingSettings(values, train ?? { shape: [] }));
  if (pretrained && train && test && settings && scaling) {
    const { normalization } = scaling;
    const target = { inputShape, classes, normalization };
    const training = { ...settings, ...pretrained, ...memoryOf(values), dataset: train, normalization };
    await findings.from(() => checkTraining(training));
    findings.add('model', checkDataset(train, { ...target, augmentation: settings.augmentation }));
    findings.add('model', checkDataset(test, target));
  }
  const inputs = [
    values.input,
    ...[train, test].flatMap((data) => data?.files.map(({ path }) => path) ?? []),
  ];
  await findings.from(() => refuseInside(values.out, inputs));
  findings.refuse();
  const { normalization } = scaling!;
  const ready = { pretrained: pretrained!, train: train!, test: test!, settings: settings!, normalization };
  const recipe = recipeOf(values, ready);
  const notes = [
    ...repeated(values, recipe, train!),
    ...[...pretrained!.notes, ...(train!.notes ?? []), ...scaling!.notes],
  ];
  return { values, ...ready, notes, device: device!.spec, levels: levels!, recipe };
}

/** Notes on a run that repeats another. */
function repeated({ repetition, ...values }: HardenValues, recipe: Recipe, train: Dataset): string[] {
  if (!repetition) return [];
  const settingsOf = (options: Recipe['options']) => trainingSettings(options as TrainingValues, train);
  return repetitionNotes(repetition, recipe, settingsOf, values['allow-changed']);
}

/** Whatever is trained on must not be tested on. */
function refuseOneSplit(spec: string): void {
  const { split } = parseDataSpec(spec);
  if (split === undefined) return;
  throw new TemperError('usage', {
    what: `--data ${spec} is one split, but a model is trained on one and tested on the other`,
    hint: `leave :${split} away`,
  });
}

/** The files of a run replace those of an earlier one, which must not be what this one reads. */
async function refuseInside(out: string, inputs: readonly string[]): Promise<void> {
  const files = runFiles.map((name) => join(out, name));
  await checkOutputs(files, inputs);
}

function recipeOf(
  values: HardenValues,
  opened: Pick<PreparedRun, 'pretrained' | 'train' | 'test' | 'settings' | 'normalization'>,
): Recipe {
  const { pretrained, train, test, settings, normalization } = opened;
  const files = new Map([...train.files, ...test.files].map((file) => [file.path, file.sha256]));
  return {
    schema: 1,
    command: 'harden',
    model: { path: pretrained.path, sha256: pretrained.sha256 },
    data: [...files].map(([path, sha256]) => ({ path, sha256 })),
    // The scaling as it came out, so that a repetition does not depend on how it was found.
    options: recipeOptions({ ...values, scaling: undefined, ...normalization }),
    training: JSON.parse(JSON.stringify(settings)),
    environment: environment(),
  };
}
