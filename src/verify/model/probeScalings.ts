/**
 * Which input scaling a model was trained for, found by trying: the usual ones (data/scalings.ts) on the same few examples, by
 * onnxruntime on the file as it stands. Another scaling is called better only on evidence (clearlyBetter), example by example.
 */
import { type Dataset, exampleSize } from '../../data/dataset.js';
import type { Normalization } from '../../data/normalize.js';
import { sampleDataset, sampleIndices } from '../../data/sample.js';
import { type Scaling, usualScalings } from '../../data/scalings.js';
import { TemperError } from '../../errors.js';
import type { Asked } from '../../runtime/limits.js';
import type { Session } from '../../runtime/session.js';
import { type FeedPlan, fitTo, runExamples } from '../feed/feedPlan.js';
import { type ModelSource, openSource } from '../feed/source.js';
import { tryApart } from '../feed/tried.js';
import { addClasses, addTargets, emptyScore } from '../statistics/scores.js';
import { fitsAlike, points } from './scalingEvidence.js';

export interface ScalingTrial {
  scaling: Scaling;
  /** Examples it was tried on: the whole sample for the first and the best ones, a quarter of it for those left behind. */
  examples: number;
  /** Share judged right; or, for data with targets, the mean squared error. */
  accuracy?: number;
  mse?: number;
  /** For each example 1 if it was judged right (else 0), or its squared error. */
  scores: readonly number[];
}

export interface ScalingProbe {
  /** The first is of the first candidate. Empty if nothing could be tried. */
  trials: ScalingTrial[];
  /** Why nothing was tried. */
  untried?: string;
  /** Accuracy that a guess reaches: of the commonest class of the sample, or of any. Absent for data with targets. */
  chance?: number;
}

export interface ProbeOptions {
  /** The first is what would be used; default: the usual scalings, `asis` first. */
  candidates?: readonly Scaling[] | undefined;
  /** Size of the sample; default 256, or 64 for large examples. */
  examples?: number | undefined;
  threads?: number | undefined;
  /** As for `verify`: whether the file is first run in a process apart. Default: yes for a path, no for bytes. */
  rehearse?: boolean | Asked | undefined;
  signal?: AbortSignal | undefined;
}

/** Examples with more values than 64 x 64 colour pictures make large nets: fewer of them. */
const large = 3 * 64 * 64;
/** So many others at most are tried on the whole sample: several scalings often do the same. */
const finalists = 3;
/** This share of the sample decides which candidates are worth the rest. */
const firstLook = 0.25;

/** @param model path of an ONNX file, its bytes, or a file that was read already. Throws TemperError('interrupted') only: what cannot be tried is told. */
export async function probeScalings(
  model: ModelSource,
  dataset: Dataset,
  options: ProbeOptions = {},
): Promise<ScalingProbe> {
  const { candidates = usualScalings(dataset), threads, signal, rehearse } = options;
  const size = options.examples ?? (exampleSize(dataset.shape) > large ? 64 : 256);
  const sample = sampleDataset(dataset, size);
  let session: Session | undefined;
  try {
    const normalizations = candidates.map(({ normalization }) => normalization);
    await tryApart(model, sample, { rehearse, normalizations, threads, signal });
    session = await openSource(model, threads === undefined ? {} : { threads });
    const feedPlan = feedPlanOf(session, sample);
    if (typeof feedPlan === 'string') return { trials: [], untried: feedPlan };
    return await tryAll({ session, feedPlan, data: sample, signal }, candidates);
  } catch (error) {
    if (!(error instanceof TemperError) || error.kind === 'interrupted') throw error;
    return { trials: [], untried: error.problems[0]!.what };
  } finally {
    await session?.release();
  }
}

interface Tried {
  session: Session;
  feedPlan: FeedPlan;
  data: Dataset;
  signal: AbortSignal | undefined;
}

function feedPlanOf(session: Session, data: Dataset): FeedPlan | string {
  const [input] = session.inputs;
  const [output] = session.outputs;
  if (session.inputNames.length !== 1 || input?.type !== 'float32')
    return 'the model does not take one float32 input';
  if (output?.type !== 'float32' || output.name !== session.outputNames[0])
    return 'the first output of the model is not float32';
  const fitted = fitTo(input, data, undefined);
  if (exampleSize(fitted.exampleDims) !== exampleSize(data.shape))
    return `the model takes examples of [${fitted.exampleDims}], the data are of [${data.shape}]`;
  return { ...fitted, output: output.name, valuesPerExample: 0 };
}

/** All candidates on a part of the sample; on the rest the first and, unless that is better, a few of the best. */
async function tryAll(tried: Tried, candidates: readonly Scaling[]): Promise<ScalingProbe> {
  const { data } = tried;
  const part = sampleIndices(data.labels, data.count, Math.ceil(firstLook * data.count), 1);
  const rest = Uint32Array.from({ length: data.count }, (_, i) => i).filter((i) => !part.includes(i));
  const onPart = async (scaling: Scaling): Promise<ScalingTrial> =>
    trialOf(scaling, await scoresOf(tried, scaling.normalization, part), data);
  const completed = async ({ scaling, scores }: ScalingTrial): Promise<ScalingTrial> =>
    trialOf(scaling, [...scores, ...(await scoresOf(tried, scaling.normalization, rest))], data);

  const [first, ...others] = candidates as [Scaling, ...Scaling[]];
  const trials = [await onPart(first)];
  // If all but a few are right, nothing could be clearly better (scalingEvidence.ts).
  if (!(trials[0]!.accuracy! > 1 - points)) for (const scaling of others) trials.push(await onPart(scaling));
  const promising = trials.filter((trial, i) => i > 0 && trials.every((other) => fitsAlike(trial, other)));
  if (promising.length > 0)
    for (const trial of [trials[0]!, ...promising.slice(0, finalists)])
      trials[trials.indexOf(trial)] = await completed(trial);
  return { trials, ...(!data.targets && { chance: chanceOf(data, tried.feedPlan.valuesPerExample) }) };
}

function trialOf(scaling: Scaling, scores: readonly number[], { targets }: Dataset): ScalingTrial {
  const mean = scores.reduce((sum, score) => sum + score, 0) / scores.length;
  return { scaling, examples: scores.length, ...(targets ? { mse: mean } : { accuracy: mean }), scores };
}
/** By the judge's own rules (scores.ts): a tie is wrong, and so is an output that is no number. */
async function scoresOf(
  { session, feedPlan, data, signal }: Tried,
  normalization: Normalization,
  part: Uint32Array,
): Promise<number[]> {
  const scores: number[] = [];
  for (let from = 0; from < part.length; from += feedPlan.batch) {
    if (signal?.aborted)
      throw new TemperError('interrupted', { what: 'trying the usual scalings was interrupted' });
    const indices = [...part.subarray(from, from + feedPlan.batch)];
    const outputs = await runExamples(session, feedPlan, data, indices, normalization);
    feedPlan.valuesPerExample = outputs.length / (feedPlan.fixed ? feedPlan.batch : indices.length);
    const size = feedPlan.valuesPerExample;
    requireScorable(data, size);
    indices.forEach((index, row) => {
      const score = emptyScore();
      const scored = outputs.subarray(row * size, (row + 1) * size);
      const { targets, labels } = data;
      if (targets) addTargets(score, scored, size, targets.subarray(index * size, (index + 1) * size));
      else addClasses(score, scored, size, [labels[index]!]);
      scores.push(score.squaredError ?? score.correct);
    });
  }
  return scores;
}

/** Throws TemperError('model'): without a place for its label an example would be judged by nothing. */
function requireScorable({ labels, targets, targetShape = [] }: Dataset, size: number): void {
  const most = labels.reduce((a, b) => Math.max(a, b), 0);
  const fits = targets
    ? exampleSize(targetShape) === size
    : Number.isInteger(size) && size > 1 && most < size;
  if (!fits) throw new TemperError('model', { what: 'the outputs of the model do not fit the labels' });
}

function chanceOf({ labels }: Dataset, classes: number): number {
  const counts = new Map<number, number>();
  for (const label of labels) counts.set(label, (counts.get(label) ?? 0) + 1);
  return Math.max(1 / classes, Math.max(...counts.values()) / labels.length);
}
