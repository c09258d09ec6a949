/** The report of a verification: what was judged, what was found, and what a reader of the numbers should know. */
import type { Dataset } from '../../data/dataset.js';
import type { Normalization } from '../../data/normalize.js';
import type { Device } from '../../devices/index.js';
import type { CompiledDevice } from '../chips/deviceProgram.js';
import { layerNoise } from '../chips/layers.js';
import type { Judgements } from '../judge/judgeModels.js';
import type { OpenedModels } from '../model/openModels.js';
import { nameOf, type Reference, referenceNotes } from '../model/reference.js';
import type { Comparison, VerifyReport, VerifyRun } from './report.js';
import {
  cleanScore,
  drawsOf,
  guessingNotes,
  measuredOf,
  noiseNotes,
  pairedDifference,
  silentNotes,
  spreadNotes,
} from './results.js';

export interface Verification {
  readonly request: {
    readonly data: Dataset;
    readonly normalization: Normalization;
    readonly numerics: 'exact' | 'deploy';
    readonly seed: number;
    readonly draws: number;
  };
  readonly opened: OpenedModels;
  readonly devices: readonly CompiledDevice[];
  readonly judgements: Judgements;
  /** What the check before the first chip had to say. */
  readonly doubts: readonly string[];
}

export async function describe(verification: Verification): Promise<VerifyReport> {
  const { request, opened, judgements } = verification;
  const { data, normalization, numerics, seed, draws } = request;
  const { facts, harmless, asFiled, rebatched } = opened.model;
  const { batch, fixed } = rebatched.feeds;
  const clean = cleanScore(judgements.clean(0), facts.output.valuesPerExample);
  const runs = await describeRuns(verification, clean);
  const against = describeAgainst(verification, runs);
  return {
    schema: 1,
    model: facts,
    data: describeData(data, normalization),
    seed,
    chips: draws,
    numerics,
    batch: { size: batch, fixed, reopened: rebatched !== asFiled },
    clean,
    runs,
    harmless,
    ...(opened.reference && { noiseFrom: opened.reference.facts }),
    ...(against && { against }),
    notes: notesOf(verification, { clean, runs }, against),
  };
}

async function describeRuns(
  { request, opened, devices, judgements }: Verification,
  clean: VerifyReport['clean'],
): Promise<VerifyRun[]> {
  const { model, reference } = opened;
  const classes = model.facts.output.valuesPerExample;
  const runs: VerifyRun[] = [];
  for (const [i, compiled] of devices.entries()) {
    const draws = drawsOf(judgements.chips(0, i), classes);
    const layers = await layerNoise(compiled, model.tensors, request.seed, reference?.weights);
    const measured = measuredOf(draws, clean, judgements.examples(0, i));
    runs.push({ ...sourceOf(compiled.device, reference), ...measured, draws, layers });
  }
  return runs;
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

/** The other model on the same chips. */
function describeAgainst(
  { opened, judgements }: Verification,
  runs: readonly VerifyRun[],
): Comparison | undefined {
  if (!opened.against) return undefined;
  const classes = opened.model.facts.output.valuesPerExample;
  const clean = cleanScore(judgements.clean(1), classes);
  const compared = runs.map(({ device, noiseFrom, draws }, i) => {
    const others = drawsOf(judgements.chips(1, i), classes);
    const [means, theirs] = [judgements.examples(0, i), judgements.examples(1, i)];
    const difference = pairedDifference(draws, others, [means, theirs]);
    const measured = measuredOf(others, clean, theirs);
    const source = { device, ...(noiseFrom !== undefined && { noiseFrom }) };
    return { ...source, ...measured, ...(difference && { difference }), draws: others };
  });
  return { model: opened.against.facts, clean, runs: compared };
}

function describeData(
  { spec, split, count, sampled, files }: Dataset,
  { mean, std }: Normalization,
): VerifyReport['data'] {
  return { spec, split, count, ...(sampled && { sampled }), mean, std, files };
}

/** Each once, in the order in which things were found. */
function notesOf(
  { request: { data, draws }, opened: { model, models, reference }, devices, doubts }: Verification,
  found: Pick<VerifyReport, 'clean' | 'runs'>,
  against: Comparison | undefined,
): string[] {
  const notes = [
    ...noiseNotes(devices.map(({ device }) => device)),
    ...models.flatMap((opened) => opened.notes),
    ...referenceNotes(reference),
    ...doubts,
    ...silentNotes(found, data.count),
    ...(against ? silentNotes(against, data.count, ' in the other model') : []),
    ...spreadNotes(draws),
    ...guessingNotes(found.clean, data.count, model.facts.output.valuesPerExample),
  ];
  return [...new Set(notes)];
}
