/**
 * The verification, from an ONNX file and a data set to a report: N seeded chips of each device, each scored by onnxruntime
 * exactly as the plain file of that chip would be. It sees exported bytes, onnxruntime and the devices, nothing else.
 */
import { type Dataset, exampleSize } from '../data/dataset.js';
import { unitScale } from '../data/normalize.js';
import { compileDevice } from './deviceProgram.js';
import { cleanWeights } from './draws.js';
import type { JudgeTask } from './judge.js';
import { type Judged, judgeSubjects } from './judged.js';
import { layerNoise } from './layers.js';
import { checkOptions, type VerifyOptions } from './options.js';
import { type Prepared, prepareModel } from './prepare.js';
import type { Comparison, VerifyReport, VerifyRun } from './report.js';
import { guessingNotes, measuredOf, pairedDifference, silentNotes, spreadNotes } from './results.js';
import { requireSameForm } from './sameForm.js';
import { checkSanity } from './sanity.js';
import { shareExamples } from './sharedExamples.js';
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
  const notes = models.flatMap((prepared) => prepared.notes);
  for (const { judged, tensors } of models) {
    notes.push(...(await checkSanity(judged, cleanWeights(tensors), data, normalization)));
  }

  const shapes = model.tensors.map(({ dims }) => dims);
  const programs = devices.map((device) => compileDevice(device, shapes));
  if (options.writeChip) {
    await writeChip(options.writeChip, model.model, cleanWeights(model.tensors), programs[0]!, seed);
  }
  const subjects = models.length * (1 + devices.length * draws);
  const { workers, threadsPerRun } = chooseThreads(options.threads, subjects, data.count, shapes);
  const task = { data: shareExamples(data, workers), normalization, devices: programs, seed, numerics };
  const tasks = models.map(
    ({ judged, own }): JudgeTask => ({
      ...task,
      ...judged,
      ...(judged !== own && { own }),
      threads: threadsPerRun,
    }),
  );
  const classes = model.facts.output.valuesPerExample;
  const judged = await judgeSubjects(tasks, devices, { draws, workers, classes }, options);
  const clean = judged.clean(0);
  const runs: VerifyRun[] = [];
  for (const [i, device] of devices.entries()) {
    const drawn = judged.draws(0, i);
    const layers = await layerNoise(device, programs[i]!, model.tensors, seed);
    const { spec, citation, notModelled } = device;
    const measured = measuredOf(drawn, clean, judged.examples(0, i));
    const source = { device: spec, citation, notModelled: [...notModelled], time: null };
    runs.push({ ...source, ...measured, draws: drawn, layers });
  }
  const compared = against && describeAgainst(against, judged, runs);
  notes.push(...silentNotes({ clean, runs }, data.count));
  if (compared) notes.push(...silentNotes(compared, data.count, ' in the other model'));
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
    ...(compared && { against: compared }),
    notes: [...new Set([...notes, ...spreadNotes(draws), ...guessingNotes(clean, data.count, classes)])],
  };
}

async function prepareAll(options: VerifyOptions, data: Dataset): Promise<Prepared[]> {
  const { normalization = unitScale, numerics = 'exact', batchSize, model, against } = options;
  const models: Prepared[] = [];
  for (const source of against === undefined ? [model] : [model, against]) {
    models.push(await prepareModel(source, data, { normalization, numerics, batchSize }));
  }
  return models;
}

function describeAgainst({ facts }: Prepared, judged: Judged, runs: readonly VerifyRun[]): Comparison {
  const clean = judged.clean(1);
  const compared = runs.map(({ device, draws }, i) => {
    const others = judged.draws(1, i);
    const [own, theirs] = [judged.examples(0, i), judged.examples(1, i)];
    const difference = pairedDifference(draws, others, [own, theirs]);
    const measured = measuredOf(others, clean, theirs);
    return { device, ...measured, ...(difference && { difference }), draws: others };
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
