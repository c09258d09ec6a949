/** A model made ready to be judged on a data set: read, checked against the data, its way of being fed worked out. */
import { checkDataset, fitNotes } from '../../data/check.js';
import { type Dataset, exampleSize } from '../../data/dataset.js';
import type { Normalization } from '../../data/normalize.js';
import { type Problem, TemperError } from '../../errors.js';
import { brokenValues } from '../../mapping/brokenValues.js';
import type { Harmless } from '../../mapping/classify.js';
import type { CrossbarTensor } from '../../mapping/crossbar.js';
import {
  type Arrangement,
  arrange,
  choosesDigital,
  digitalNotes,
  type Layer,
  weightCounts,
} from '../../mapping/digital.js';
import { trainingModes } from '../../mapping/trainingModes.js';
import { extremeProblems } from '../../onnx/extremes.js';
import type { Model } from '../../onnx/model.js';
import type { Session } from '../../runtime/session.js';
import { type Held, isGiant, type ModelHolder, openHeld } from '../chips/held.js';
import { fitTo } from '../feed/feedPlan.js';
import { loadModel, type ModelSource } from '../feed/source.js';
import { type TriedAs, tryApart } from '../feed/tried.js';
import { inputOf, outputNotes, quantizedNotes, withoutBatch } from './modelEnds.js';
import { findOutputAxis, labelRowProblems } from './outputAxis.js';
import { type FedModel, rebatchedModel } from './provedBatch.js';

export interface OpenModelOptions extends Pick<TriedAs, 'rehearse' | 'threads' | 'signal'> {
  data: Dataset;
  normalization: Normalization;
  batchSize?: number | undefined;
  numerics: 'exact' | 'deploy';
  digital?: readonly string[] | undefined;
  /** In place of `digital` for a file that makes no choice of its own. */
  inherited?: readonly string[] | undefined;
  holder: ModelHolder;
}

export interface ModelFacts {
  /** Absent if the model was given as bytes. */
  path?: string;
  /** Of the file as stored, lower-case hex. */
  sha256: string;
  input: { name: string; dims: (number | null)[] };
  output: { name: string; valuesPerExample: number };
  /** How many weights chips perturb, and which layers stay digital; whether an option or the file says so. */
  weights: { crossbar: number; digital: number; layers: readonly Layer[]; chosenBy?: 'option' | 'file' };
}

export interface OpenedModel {
  facts: ModelFacts;
  model: Model;
  /** The effective weights that chips perturb. */
  tensors: readonly CrossbarTensor[];
  arrangement: Arrangement;
  /** Stored values that need no noise. */
  harmless: readonly Harmless[];
  /** As the file stands. */
  asFiled: FedModel;
  /** The form that is judged: `asFiled`, or with its batch dimension reopened. */
  rebatched: FedModel;
  notes: string[];
}

/** Throws TemperError('model') with every problem of model and data, or 'io'. */
export async function openModel(source: ModelSource, options: OpenModelOptions): Promise<OpenedModel> {
  const { data, normalization, numerics, batchSize, holder } = options;
  const { model, sha256, path, where } = await loadModel(source);
  refuse(extremeProblems(model), where);
  const arrangement = arrangementOf(model, options, where);
  const { crossbar: tensors, harmless, refused } = arrangement;
  refuse([...brokenValues(model), ...trainingModes(model), ...refused.map(({ problem }) => problem)], where);
  const { rehearse, threads, signal } = options;
  const running = { normalizations: [normalization], numerics, batchSize, threads, signal };
  await tryApart(source, data, { rehearse, model, ...running });
  const held = holder.hold(model, tensors);
  const session = await open(held, numerics, where);
  try {
    const input = inputOf(session, data, tensors, normalization);
    if (Array.isArray(input)) throw refusal(input, where);
    const output = session.outputs[0]!;
    const unscored = { output: output.name, axis: 0, valuesPerExample: 0 };
    const feedPlan = { ...fitTo(input, data, batchSize), ...unscored };
    const examples = await findOutputAxis(session, feedPlan, data, normalization);
    if (!examples) throw new TemperError('model', { ...withoutBatch(output), where });
    feedPlan.axis = examples.axis;
    feedPlan.valuesPerExample = exampleSize(examples.shape);
    const target = {
      inputShape: input.shape.map((dim) => (typeof dim === 'number' ? dim : undefined)),
      classes: feedPlan.valuesPerExample,
      normalization,
    };
    refuse([...labelRowProblems(examples, output.name, data), ...checkDataset(data, target)], where);
    const asFiled: FedModel = { model: held, feeds: feedPlan };
    const { mixes } = examples;
    const fed = { data, normalization, batchSize, numerics };
    const proved = await rebatchedModel({ model, asFiled, mixes, session, ...fed });
    const facts: ModelFacts = {
      ...(path !== undefined && { path }),
      sha256,
      input: { name: input.name, dims: input.shape.map((dim) => (typeof dim === 'number' ? dim : null)) },
      output: { name: output.name, valuesPerExample: feedPlan.valuesPerExample },
      weights: describeWeights(arrangement),
    };
    const notes = [
      ...fitNotes(data, target),
      ...outputNotes(session),
      ...quantizedNotes(model, numerics),
      ...proved.notes,
      ...(isGiant(held) ? [giantNote] : []),
      ...digitalNotes(arrangement),
    ];
    return { facts, model, tensors, arrangement, harmless, asFiled, rebatched: proved.fed, notes };
  } finally {
    await session.release();
  }
}

const giantNote =
  'A chip of this model takes more bytes than one buffer holds: models went to onnxruntime through files, one after the other.';

function describeWeights(arrangement: Arrangement): ModelFacts['weights'] {
  const { crossbar, digital } = weightCounts(arrangement);
  const { digital: layers, chosenBy } = arrangement;
  return { crossbar, digital, layers, ...(chosenBy && { chosenBy }) };
}

function arrangementOf(model: Model, { digital, inherited }: OpenModelOptions, where: string): Arrangement {
  try {
    return arrange(model, digital ?? (choosesDigital(model) ? undefined : inherited));
  } catch (error) {
    if (!(error instanceof TemperError)) throw error;
    const problems = error.problems.map((problem) => ({ where, ...problem }));
    throw new TemperError(error.kind, problems, { cause: error });
  }
}

/** What onnxruntime cannot run at all; it names the first node that stands in the way, `temper inspect` all of them. */
async function open(held: Held, numerics: 'exact' | 'deploy', where: string): Promise<Session> {
  try {
    return await openHeld(held, { numerics });
  } catch (error) {
    if (!(error instanceof TemperError) || error.kind !== 'model') throw error;
    const hint = 'temper inspect MODEL lists every operator that is not supported';
    const problems = error.problems.map((problem) => ({ where, hint, ...problem }));
    throw new TemperError('model', problems, { cause: error });
  }
}

function refuse(problems: readonly Problem[], where: string): void {
  if (problems.length > 0) throw refusal(problems, where);
}

function refusal(problems: readonly Problem[], where: string): TemperError {
  return new TemperError(
    'model',
    problems.map((problem) => ({ where, ...problem })),
  );
}
