/** The stages of `temper harden`, each from files of the run folder to files of the run folder. */
import { createHash } from 'node:crypto';
import { exportModel, writeExport } from '../../export/exportModel.js';
import { writeModel } from '../../export/writeModel.js';
import { finetune } from '../../finetune/finetune.js';
import { calibrationBatches } from '../../finetune/snn/batches.js';
import { convertToSnn } from '../../finetune/snn/convert.js';
import { scopeText } from '../../finetune/started.js';
import { importModel } from '../../import/importModel.js';
import { readModel } from '../../onnx/file.js';
import type { Model } from '../../onnx/model.js';
import { type VerifyReport, verify } from '../../verify/verify.js';
import { normalizationOf } from '../examples.js';
import { metricsLog } from '../metricsLog.js';
import { dimensionsOf } from '../options/dimensions.js';
import { exportSettings } from '../options/export.js';
import { makeFolderOf, writeJson } from '../outputFile.js';
import type { Progress } from '../progress.js';
import type { Recipe } from '../recipe.js';
import type { RunFile, RunFolder } from '../runFolder.js';
import type { Terminal } from '../terminal.js';
import { trainingProgress } from '../trainingProgress.js';
import { verifyProgress } from '../verifyProgress.js';
import type { Prepared } from './prepare.js';

export interface Context extends Prepared {
  folder: RunFolder;
  progress: Progress;
  terminal: Terminal;
}

/** Judges a model on chips at every noise level and keeps what was found as `found`. */
export async function verifyStage(
  context: Context,
  name: string,
  model: string,
  found: RunFile,
): Promise<void> {
  const { values, test, levels, folder, progress, terminal } = context;
  await folder.stage(name, [found], async (note) => {
    const report: VerifyReport = await verify({
      model,
      dataset: test,
      normalization: normalizationOf(values),
      devices: levels,
      draws: values.draws,
      seed: values.seed,
      threads: values.threads,
      onProgress: verifyProgress(progress, name),
      signal: terminal.signal,
    });
    progress.finish();
    report.notes.forEach(note);
    await writeJson(folder.file(found), report);
  });
}

/** Fine-tunes the pretrained model: finetuned.onnx, metrics.jsonl. */
export async function finetuneStage(context: Context): Promise<void> {
  const { values, pretrained, train, settings, folder, progress, terminal, recipe } = context;
  const log = metricsLog(folder.file('metrics.jsonl'));
  const show = trainingProgress(progress);
  await folder.stage('finetune', ['finetuned.onnx', 'metrics.jsonl'], async (note) => {
    const result = await finetune({
      ...settings,
      model: pretrained.model,
      network: pretrained.network,
      dataset: train,
      normalization: normalizationOf(values),
      ...(values.threads !== undefined && { threads: values.threads }),
      checkpoint: { folder: folder.file('checkpoint'), recipe: recipeHash(recipe) },
      onProgress: (event) => {
        if (event.kind === 'start') scopeText(event.scope).forEach(note);
        log(event);
        show(event);
      },
      signal: terminal.signal,
    });
    progress.finish();
    result.notes.forEach(note);
    await writeModel(folder.file('finetuned.onnx'), result.model, { source: pretrained.path, note });
  });
}

/** What decides a run: not where its inputs lie, nor what it runs on. */
function recipeHash({ model, data, options, training }: Recipe): string {
  const { data: _, ...decisive } = options as Record<string, unknown>;
  const content = [model.sha256, data.map(({ sha256 }) => sha256), decisive, training];
  return createHash('sha256').update(JSON.stringify(content)).digest('hex');
}

/** Turns the trained network into a spiking one: converted.onnx. Thresholds come from training examples. */
export async function convertStage(context: Context): Promise<void> {
  const { values, train, folder, terminal } = context;
  await folder.stage('convert', ['converted.onnx'], async (note) => {
    const trained = await readModel(folder.file('finetuned.onnx'));
    const { model, network } = importModel(inForm(context, trained), {
      dimensions: dimensionsOf(values.dim),
    });
    const calibration = calibrationBatches(network, {
      dataset: train,
      normalization: normalizationOf(values),
      examples: values.calibration,
      seed: values.seed,
    });
    const converted = await convertToSnn(model, network, {
      timesteps: values.timesteps,
      neuron: values.neuron,
      percentile: values.percentile,
      calibration,
      ...(values.threads !== undefined && { threads: values.threads }),
      signal: terminal.signal,
    });
    converted.notes.forEach(note);
    const source = folder.file('finetuned.onnx');
    await writeModel(folder.file('converted.onnx'), converted.model, { source, note });
  });
}

/** Quantizes and lays out what was trained or converted: hardened.onnx, and crossbar.json if there are codes. */
export async function exportStage(context: Context): Promise<void> {
  const { values, folder } = context;
  const settings = exportSettings(values);
  const files: RunFile[] = settings.bits ? ['hardened.onnx', 'crossbar.json'] : ['hardened.onnx'];
  await folder.stage('export', files, async (note) => {
    const source = folder.file(values.snn ? 'converted.onnx' : 'finetuned.onnx');
    const model = await readModel(source);
    const exported = exportModel(model, {
      ...settings,
      foldBatchNorm: values['fold-batch-norm'] && !values.snn,
    });
    exported.notes.forEach(note);
    await writeExport(folder.file('hardened.onnx'), exported, { source, note });
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
    await writeModel(path, inForm(context, pretrained.model), { source: pretrained.path, note });
  });
  return path;
}

function inForm({ values }: Context, model: Model): Model {
  return exportModel(model, { foldBatchNorm: values['fold-batch-norm'] }).model;
}
