/** The stages of `temper harden`, each from files of the run folder to files of the run folder. */
import { type Exported, exportModel } from '../../export/exportModel.js';
import { writeModel } from '../../export/writeModel.js';
import { finetune } from '../../finetune/finetune.js';
import type { FinetuneResult } from '../../finetune/run/run.js';
import type { Settings } from '../../finetune/settings/settings.js';
import { calibrationBatches } from '../../finetune/snn/batches.js';
import { convertToSnn } from '../../finetune/snn/convert.js';
import { scopeText } from '../../finetune/start/started.js';
import { importModel } from '../../import/importModel.js';
import { arrange } from '../../mapping/digital.js';
import { readModel } from '../../onnx/file.js';
import type { Model } from '../../onnx/model.js';
import { type VerifyReport, verify } from '../../verify/verify.js';
import { askedOf, memoryOf } from '../options/apart.js';
import { digitalOf } from '../options/digital.js';
import { dimensionsOf } from '../options/dimensions.js';
import { exportSettings } from '../options/export.js';
import { metricsLog } from '../run/metricsLog.js';
import { decisiveHash } from '../run/recipe.js';
import { checkpointFiles, type RunFile } from '../run/runFiles.js';
import type { RunFolder } from '../run/runFolder.js';
import { sha256OfJson } from '../run/seal.js';
import type { Progress } from '../terminal/progress.js';
import type { Terminal } from '../terminal/terminal.js';
import { trainingProgress } from '../terminal/trainingProgress.js';
import { verifyProgress } from '../terminal/verifyProgress.js';
import { makeFolderOf, writeJson } from '../write/outputFile.js';
import type { PreparedRun } from './prepare.js';
import { refuseReplaced } from './replaced.js';

export interface Context extends PreparedRun {
  folder: RunFolder;
  progress: Progress;
  terminal: Terminal;
}

export interface VerifiedModel {
  /** Of the stage. */
  name: string;
  /** For the progress. */
  what: string;
  /** Path of the model. */
  model: string;
  /** Where what was found is kept. */
  found: RunFile;
  /** Path of the model whose weights the noise is drawn on, if not its own. */
  noiseFrom?: string;
}

/** Judges a model on chips at every noise level. */
export async function verifyStage(
  context: Context,
  { name, what, model, found, noiseFrom }: VerifiedModel,
): Promise<void> {
  const { values, pretrained, test, normalization, levels, folder, progress, terminal } = context;
  await folder.stage(name, [found], async (note) => {
    const report: VerifyReport = await verify({
      model,
      dataset: test,
      normalization,
      devices: levels,
      digital: digitalNames(context),
      draws: values.draws,
      seed: values.seed,
      threads: values.threads,
      rehearse: false,
      noiseFrom,
      onNote: (text) => terminal.note(`note: ${text}`),
      onProgress: verifyProgress(progress, what),
      signal: terminal.signal,
    });
    progress.finish();
    for (const read of [report.model, report.noiseFrom]) refuseReplaced(pretrained, read);
    // At equal noise the same model was judged before, and said what there is to say.
    if (noiseFrom === undefined) report.notes.forEach(note);
    await writeJson(folder.file(found), report);
  });
}

/** The layers that stay digital, by the names of their tensors: the stages rename nodes, but never weights. */
function digitalNames({ values, pretrained }: Context): readonly string[] | undefined {
  return values.digital && arrange(pretrained.model, digitalOf(values.digital)).names;
}

/** Fine-tunes the pretrained model: finetuned.onnx, metrics.jsonl, and the same model only clipped. */
export async function finetuneStage(context: Context): Promise<void> {
  const { values, pretrained, settings, folder } = context;
  const clipped: RunFile[] = values.rivals.includes('clipped') ? ['checkpoint/clipped.onnx'] : [];
  await folder.stage('finetune', ['finetuned.onnx', 'metrics.jsonl', ...clipped], async (note) => {
    const result = await train(context, settings, {
      what: 'fine-tuning',
      checkpoint: 'checkpoint',
      metrics: 'metrics.jsonl',
      best: 'best-epoch.onnx',
      note,
    });
    result.notes.forEach(note);
    const written = { source: pretrained.path, note, limits: askedOf(values) };
    for (const file of clipped) {
      await makeFolderOf(folder.file(file));
      await writeModel(folder.file(file), result.clipped, written);
    }
    await writeModel(folder.file('finetuned.onnx'), result.model, written);
  });
}

/** Trains the pretrained model with these settings; goes on from its checkpoint, if there is one. */
export async function train(
  context: Context,
  settings: Settings,
  {
    what,
    checkpoint,
    metrics,
    best,
    note,
  }: {
    what: string;
    checkpoint: 'checkpoint' | 'checkpoint/plain';
    metrics: RunFile;
    /** Where the best epoch is kept if training diverges. */
    best: RunFile;
    note?: (text: string) => void;
  },
): Promise<FinetuneResult> {
  const { pretrained, train: dataset, normalization, folder, progress, terminal, recipe } = context;
  await folder.claim(checkpointFiles(checkpoint));
  const remark = (text: string) => terminal.note(`note: ${text}`);
  const run = sha256OfJson([decisiveHash(recipe), settings]);
  const log = metricsLog(folder.file(metrics), run, remark);
  const show = trainingProgress(progress, what);
  const result = await finetune({
    ...settings,
    model: pretrained.model,
    network: pretrained.network,
    dataset,
    normalization,
    ...memoryOf(context.values),
    // The rival's training lies in the same folder: its checkpoint is not taken for this one's.
    checkpoint: { folder: folder.file(checkpoint), recipe: run },
    onProgress: (event) => {
      if (event.kind === 'remark') remark(event.text);
      if (note && event.kind === 'start') scopeText(event.scope).forEach(note);
      log(event);
      show(event);
    },
    onDivergence: async (model) => {
      await folder.claim([best]);
      await writeModel(folder.file(best), model, { source: pretrained.path });
      return folder.file(best);
    },
    signal: terminal.signal,
  });
  progress.finish();
  return result;
}

/** Turns the trained network into a spiking one: converted.onnx. */
export async function convertStage(context: Context): Promise<void> {
  const { folder, values } = context;
  await folder.stage('convert', ['converted.onnx'], async (note) => {
    const converted = await spiking(context, await readModel(folder.file('finetuned.onnx')));
    converted.notes.forEach(note);
    const source = folder.file('finetuned.onnx');
    await writeModel(folder.file('converted.onnx'), converted.model, {
      source,
      note,
      limits: askedOf(values),
    });
  });
}

/** The model as a spiking network. Thresholds come from training examples. */
export function spiking(context: Context, trained: Model) {
  const { values, train: dataset, normalization, settings, terminal } = context;
  const { model, network } = importModel(inForm({ values }, trained), {
    dimensions: dimensionsOf(values.dim),
  });
  const calibration = calibrationBatches(network, {
    dataset,
    normalization,
    examples: values.calibration,
    seed: values.seed,
  });
  return convertToSnn(model, network, {
    timesteps: values.timesteps,
    neuron: values.neuron,
    percentile: values.percentile,
    calibration,
    threads: settings.threads,
    signal: terminal.signal,
  });
}

/** Quantizes what was trained or converted. It is judged before it gets its name (result.ts). */
export async function exportStage(context: Context): Promise<void> {
  const { values, folder } = context;
  const path = folder.file('checkpoint/exported.onnx');
  await folder.stage('export', ['checkpoint/exported.onnx'], async (note) => {
    const source = folder.file(values.snn ? 'converted.onnx' : 'finetuned.onnx');
    const exported = exportedForm(context, await readModel(source));
    exported.notes.forEach(note);
    await makeFolderOf(path);
    await writeModel(path, exported.model, { source, note, limits: askedOf(values) });
  });
}

/** What is exported of a model that was trained or converted. A spiking network was folded before its conversion. */
export function exportedForm(context: Context, model: Model): Exported {
  const { values } = context;
  return exportModel(model, {
    ...exportSettings(values),
    foldBatchNorm: values['fold-batch-norm'] && !values.snn,
    digital: digitalNames(context),
  });
}

/**
 * The original in the form the hardened model will have. Noise is relative to the largest weight of a stored tensor, which
 * folding batch normalization changes: before and after are compared in the same form. Returns its path.
 */
export async function originalStage(context: Context): Promise<string> {
  const { values, pretrained, folder } = context;
  if (!values['fold-batch-norm']) return pretrained.path;
  const path = folder.file('checkpoint/original.onnx');
  await folder.stage('original', ['checkpoint/original.onnx'], async (note) => {
    await makeFolderOf(path);
    await writeModel(path, inForm(context, pretrained.model), {
      source: pretrained.path,
      note,
      limits: askedOf(values),
    });
  });
  return path;
}

function inForm({ values }: Pick<Context, 'values'>, model: Model): Model {
  return exportModel(model, { foldBatchNorm: values['fold-batch-norm'] }).model;
}
