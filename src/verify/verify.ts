/**
 * The verification, from an ONNX file and a data set to a report: N seeded chips of each device, each scored by onnxruntime
 * exactly as the plain file of that chip would be. It sees exported bytes, onnxruntime and the devices, nothing else.
 */
import type { Dataset } from '../data/dataset.js';
import { unitScale } from '../data/normalize.js';
import { sampleDataset, sampleNotes } from '../data/sample.js';
import type { Device } from '../devices/index.js';
import { compileDevice } from './chips/deviceProgram.js';
import { cleanWeights, type DeviceProgram } from './chips/draws.js';
import { ModelHolder } from './chips/held.js';
import { layerNoise } from './chips/layers.js';
import type { JudgeTask } from './judge/judge.js';
import { type Judgements, judgeTrials } from './judge/judged.js';
import { shareExamples } from './judge/sharedExamples.js';
import { threadsFor } from './judge/threads.js';
import { type OpenedModel, prepareModel } from './model/prepare.js';
import { nameOf, openReference, type Reference, referenceNotes } from './model/reference.js';
import { requireSameForm } from './model/sameForm.js';
import { checkSanity } from './model/sanity.js';
import { checkOptions, type VerifyOptions } from './options.js';
import type { Comparison, VerifyReport, VerifyRun } from './report/report.js';
import {
  guessingNotes,
  measuredOf,
  noiseNotes,
  pairedDifference,
  silentNotes,
  spreadNotes,
} from './report/results.js';
import { writeChip } from './writeChip.js';

export type { VerifyOptions, VerifyProgress } from './options.js';
export type { VerifyReport } from './report/report.js';

/** Throws TemperError: 'usage' for options, 'model' for model and data, 'io', 'interrupted'. */
export async function verify(options: VerifyOptions): Promise<VerifyReport> {
  const holder = new ModelHolder(options.largest);
  try {
    return await verifyHeld(options, holder);
  } finally {
    await holder.release();
  }
}

async function verifyHeld(options: VerifyOptions, holder: ModelHolder): Promise<VerifyReport> {
  const devices = checkOptions(options);
  const { normalization = unitScale, numerics = 'exact', seed = 0, draws } = options;
  const data = judgedPart(options.dataset, options.limit);
  const models = await prepareAll(options, data, holder);
  const [model, against] = models as [OpenedModel, OpenedModel?];
  if (against) requireSameForm(model, against);
  const { noiseFrom } = options;
  const reference = noiseFrom === undefined ? undefined : await openReference(noiseFrom, models, holder);
  const notes = [
    ...noiseNotes(devices),
    ...models.flatMap((prepared) => prepared.notes),
    ...referenceNotes(reference),
  ];
  for (const { rebatched: judged, tensors } of models) {
    notes.push(...(await checkSanity(judged, cleanWeights(tensors), data, normalization)));
  }

  const all = [...models.flatMap(({ tensors }) => cleanWeights(tensors)), ...(reference?.weights ?? [])];
  const classes = model.facts.output.valuesPerExample;
  const programs = devices.map((device) => compileDevice(device, all));
  if (options.writeChip) await writeChip(options.writeChip, model, programs[0]!, seed, reference);
  const judged = await judgeModels(models, devices, { data, programs, reference, classes }, options);
  const clean = judged.clean(0);
  const runs: VerifyRun[] = [];
  for (const [i, device] of devices.entries()) {
    const drawn = judged.draws(0, i);
    const layers = await layerNoise(device, programs[i]!, model.tensors, seed, reference?.weights);
    const measured = measuredOf(drawn, clean, judged.examples(0, i));
    runs.push({ ...sourceOf(device, reference), ...measured, draws: drawn, layers });
  }
  const compared = against && describeAgainst(against, judged, runs);
  notes.push(...silentNotes({ clean, runs }, data.count));
  if (compared) notes.push(...silentNotes(compared, data.count, ' in the other model'));
  const { batch, fixed } = model.rebatched.feeds;
  return {
    schema: 1,
    model: model.facts,
    data: describeData(data, normalization),
    seed,
    chips: draws,
    numerics,
    batch: { size: batch, fixed, reopened: model.rebatched !== model.asFiled },
    clean,
    runs,
    harmless: model.harmless,
    ...(reference && { noiseFrom: reference.facts }),
    ...(compared && { against: compared }),
    notes: [...new Set([...notes, ...spreadNotes(draws), ...guessingNotes(clean, data.count, classes)])],
  };
}

interface Shared {
  data: Dataset;
  programs: DeviceProgram[];
  reference: Reference | undefined;
  classes: number;
}

/** Every chip of every device for each model, and the models as they stand. */
async function judgeModels(
  models: readonly OpenedModel[],
  devices: readonly Device[],
  { data, programs, reference, classes }: Shared,
  options: VerifyOptions,
): Promise<Judgements> {
  const { normalization = unitScale, numerics = 'exact', seed = 0, draws } = options;
  const weights = cleanWeights(models[0]!.tensors);
  const trials = models.length * (1 + devices.length * draws);
  const held = models.flatMap(({ rebatched: judged, asFiled: own }) =>
    judged === own ? [own] : [own, judged],
  );
  const { workers, threadsPerRun, note } = threadsFor(
    [...held.map(({ model }) => model), ...(reference ? [reference.held] : [])],
    options.threads,
    trials,
    data.count,
    weights,
  );
  if (note !== undefined) options.onNote?.(note);
  const task = {
    ...{ data: shareExamples(data, workers), normalization, devices: programs, seed, numerics },
    ...(reference && { noiseFrom: reference.held }),
    threads: threadsPerRun,
  };
  const tasks = models.map(
    ({ rebatched: judged, asFiled: own, tensors }): JudgeTask => ({
      ...task,
      crossbar: tensors.map(({ name }) => name),
      ...judged,
      ...(judged !== own && { asFiled: own }),
    }),
  );
  return judgeTrials(tasks, devices, { draws, workers, classes }, options);
}

/** What a run of this device is a run of. */
function sourceOf(
  { spec, noiseOn, citation, notModelled, landmarks }: Device,
  reference: Reference | undefined,
) {
  return {
    ...{ device: spec, noiseOn, citation, notModelled: [...notModelled], time: null },
    ...(landmarks.length > 0 && { landmarks: [...landmarks] }),
    ...(reference && { noiseFrom: nameOf(reference) }),
  };
}

async function prepareAll(
  options: VerifyOptions,
  data: Dataset,
  holder: ModelHolder,
): Promise<OpenedModel[]> {
  const { normalization = unitScale, numerics = 'exact', batchSize, digital } = options;
  const { rehearse, threads, signal } = options;
  const tried = { rehearse, normalizations: [normalization], numerics, batchSize, threads, signal };
  const judging = { normalization, numerics, batchSize, holder, tried };
  const model = await prepareModel(options.model, data, { ...judging, digital });
  if (options.against === undefined) return [model];
  const { chosenBy, names } = model.arrangement;
  const inherited = chosenBy === 'file' ? names : undefined;
  return [model, await prepareModel(options.against, data, { ...judging, digital, inherited })];
}

function describeAgainst({ facts }: OpenedModel, judged: Judgements, runs: readonly VerifyRun[]): Comparison {
  const clean = judged.clean(1);
  const compared = runs.map(({ device, noiseFrom, draws }, i) => {
    const others = judged.draws(1, i);
    const [own, theirs] = [judged.examples(0, i), judged.examples(1, i)];
    const difference = pairedDifference(draws, others, [own, theirs]);
    const measured = measuredOf(others, clean, theirs);
    const source = { device, ...(noiseFrom !== undefined && { noiseFrom }) };
    return { ...source, ...measured, ...(difference && { difference }), draws: others };
  });
  return { model: facts, clean, runs: compared };
}

function describeData(
  { spec, split, count, sampled, files }: Dataset,
  { mean, std }: { mean: number[]; std: number[] },
): VerifyReport['data'] {
  return { spec, split, count, ...(sampled && { sampled }), mean, std, files };
}

function judgedPart(data: Dataset, limit = data.count): Dataset {
  const part = sampleDataset(data, limit);
  return part === data ? data : { ...part, notes: [...(data.notes ?? []), ...sampleNotes(part)] };
}
