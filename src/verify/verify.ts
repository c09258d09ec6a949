/**
 * The verification, from an ONNX file and a data set to a report: N seeded chips of each device, each scored by onnxruntime
 * exactly as the plain file of that chip would be. It sees exported bytes, onnxruntime and the devices, nothing else.
 */
import { type Dataset, exampleSize } from '../data/dataset.js';
import { unitScale } from '../data/normalize.js';
import { compileDevice } from './deviceProgram.js';
import { cleanWeights } from './draws.js';
import type { JudgeTask } from './judge.js';
import { layerNoise } from './layers.js';
import { checkOptions, type VerifyOptions } from './options.js';
import { judgeAll } from './pool.js';
import { type Prepared, prepareModel } from './prepare.js';
import type { Comparison, VerifyReport, VerifyRun } from './report.js';
import {
  cleanScore,
  drawsOf,
  guessingNotes,
  measuredOf,
  noiseNotes,
  pairedDifference,
  spreadNotes,
} from './results.js';
import { requireSameForm } from './sameForm.js';
import { checkSanity } from './sanity.js';
import type { Score } from './scores.js';
import { shareExamples } from './sharedExamples.js';
import { progressOf, scoresOf, subjectsOf } from './subjects.js';
import { chooseThreads } from './threads.js';
import { writeChip } from './writeChip.js';

export type { VerifyOptions, VerifyProgress } from './options.js';
export type { VerifyReport } from './report.js';

/** Throws TemperError: 'usage' for options, 'model' for model and data, 'io', 'interrupted'. */
export async function verify(options: VerifyOptions): Promise<VerifyReport> {
  const devices = checkOptions(options);
  const { normalization = unitScale, numerics = 'exact', seed = 0, draws } = options;
  const data = firstExamples(options.dataset, options.limit);
  const models = await prepareAll(options, data);
  const [model, against] = models as [Prepared, Prepared?];
  if (against) requireSameForm(model, against);
  const notes = [...noiseNotes(devices), ...models.flatMap((prepared) => prepared.notes)];
  for (const { judged, tensors } of models) {
    notes.push(...(await checkSanity(judged, cleanWeights(tensors), data, normalization)));
  }

  const weights = cleanWeights(model.tensors);
  const all = [...weights, ...(against ? cleanWeights(against.tensors) : [])];
  const programs = devices.map((device) => compileDevice(device, all));
  if (options.writeChip) await writeChip(options.writeChip, model.model, weights, programs[0]!, seed);
  const subjects = subjectsOf(models.length, devices.length, draws);
  const { workers, threadsPerRun } = chooseThreads(options.threads, subjects.length, data.count, weights);
  const task = { data: shareExamples(data, workers), normalization, devices: programs, seed, numerics };
  const tasks = models.map(
    ({ judged, own, tensors }): JudgeTask => ({
      ...task,
      crossbar: tensors.map(({ name }) => name),
      ...judged,
      ...(judged !== own && { own }),
      threads: threadsPerRun,
    }),
  );
  const onScore = progressOf(options.onProgress, subjects, devices);
  const scores = await judgeAll(tasks, subjects, { workers, signal: options.signal, onScore });

  const classes = model.facts.output.valuesPerExample;
  const scored = (which: number, device?: number): Score[] => scoresOf(subjects, scores, which, device);
  const clean = cleanScore(scored(0)[0]!, classes);
  const runs: VerifyRun[] = [];
  for (const [i, device] of devices.entries()) {
    const drawn = drawsOf(scored(0, i), classes);
    const layers = await layerNoise(device, programs[i]!, model.tensors, seed);
    const { spec, citation, notModelled, noiseOn } = device;
    const measured = measuredOf(drawn, clean);
    const source = { device: spec, noiseOn, citation, notModelled: [...notModelled], time: null };
    runs.push({ ...source, ...measured, draws: drawn, layers });
  }
  const { batch, fixed } = model.judged.fitting;
  return {
    schema: 1,
    model: model.facts,
    data: describeData(data, normalization),
    seed,
    chips: draws,
    numerics,
    batch: { size: batch, fixed, reopened: model.judged !== model.own },
    clean,
    runs,
    harmless: model.harmless,
    ...(against && { against: describeAgainst(against, scored, runs, classes) }),
    notes: [...new Set([...notes, ...spreadNotes(draws), ...guessingNotes(clean, data.count, classes)])],
  };
}

async function prepareAll(options: VerifyOptions, data: Dataset): Promise<Prepared[]> {
  const { normalization = unitScale, numerics = 'exact', batchSize, digital } = options;
  const judging = { normalization, numerics, batchSize };
  const model = await prepareModel(options.model, data, { ...judging, digital });
  if (options.against === undefined) return [model];
  const { chosenBy, names } = model.arrangement;
  const inherited = chosenBy === 'file' ? names : undefined;
  return [model, await prepareModel(options.against, data, { ...judging, digital, inherited })];
}

function describeAgainst(
  { facts }: Prepared,
  scored: (model: number, device?: number) => Score[],
  runs: readonly VerifyRun[],
  classes: number,
): Comparison {
  const clean = cleanScore(scored(1)[0]!, classes);
  const compared = runs.map(({ device, draws }, i) => {
    const others = drawsOf(scored(1, i), classes);
    const difference = pairedDifference(draws, others);
    return { device, ...measuredOf(others, clean), difference, draws: others };
  });
  return { model: facts, clean, runs: compared };
}

function describeData(
  { spec, split, count, files }: Dataset,
  { mean, std }: { mean: number[]; std: number[] },
): VerifyReport['data'] {
  return { spec, split, count, mean, std, files };
}

function firstExamples(data: Dataset, limit = data.count): Dataset {
  const count = Math.min(limit, data.count);
  return {
    ...data,
    count,
    examples: data.examples.subarray(0, count * exampleSize(data.shape)),
    labels: data.labels.subarray(0, count),
    ...(data.targets && { targets: data.targets.subarray(0, count * exampleSize(data.targetShape ?? [])) }),
  };
}
