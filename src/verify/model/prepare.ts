/** A model made ready to be judged on a data set: read, checked against the data, its way of being fed worked out. */
import { createHash } from 'node:crypto';
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
  weightCounts,
} from '../../mapping/digital.js';
import { trainingModes } from '../../mapping/trainingModes.js';
import { decodeModel } from '../../onnx/codec.js';
import { densified } from '../../onnx/densify.js';
import { extremeProblems } from '../../onnx/extremes.js';
import { type ModelFile, readModelFile } from '../../onnx/file.js';
import type { Model } from '../../onnx/model.js';
import { walkNodes } from '../../onnx/walk.js';
import type { Session, ValueMetadata } from '../../runtime/session.js';
import { type Held, isGiant, type ModelHolder, openHeld } from '../chips/held.js';
import type { ModelFacts } from '../report/report.js';
import { fitTo } from './feedPlan.js';
import { findOutputAxis, labelRowProblems } from './outputAxis.js';
import { type FedModel, rebatchedModel } from './provedBatch.js';
import { type TriedAs, tryApart } from './tried.js';

export interface PrepareOptions {
  normalization: Normalization;
  batchSize?: number | undefined;
  numerics: 'exact' | 'deploy';
  digital?: readonly string[] | undefined;
  /** In place of `digital` for a file that makes no choice of its own. */
  inherited?: readonly string[] | undefined;
  holder: ModelHolder;
  /** How the file is tried before it is opened here. */
  tried: TriedAs;
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
  /** As judged: `own`, or with its batch dimension reopened. */
  rebatched: FedModel;
  notes: string[];
}

/** Throws TemperError('model') with every problem of model and data, or 'io'. */
export async function prepareModel(
  source: string | Uint8Array,
  data: Dataset,
  options: PrepareOptions,
): Promise<OpenedModel> {
  const { model, sha256, where } = await loadModel(source);
  refuse(extremeProblems(model), where);
  const arrangement = arrangementOf(model, options, where);
  const { crossbar: tensors, harmless, refused } = arrangement;
  refuse([...brokenValues(model), ...trainingModes(model), ...refused.map(({ problem }) => problem)], where);
  await tryApart(source, model, data, options.tried);
  const held = options.holder.hold(model, tensors);
  const session = await open(held, options.numerics, where);
  try {
    const input = inputOf(session, data, tensors, options, where);
    const output = session.outputs[0]!;
    const unscored = { output: output.name, axis: 0, valuesPerExample: 0 };
    const feedPlan = { ...fitTo(input, data, options.batchSize), ...unscored };
    const examples = await findOutputAxis(session, feedPlan, data, options.normalization);
    if (!examples) throw new TemperError('model', { ...withoutBatch(output), where });
    feedPlan.axis = examples.axis;
    feedPlan.valuesPerExample = exampleSize(examples.shape);
    const target = {
      inputShape: input.shape.map((dim) => (typeof dim === 'number' ? dim : undefined)),
      classes: feedPlan.valuesPerExample,
      normalization: options.normalization,
    };
    refuse([...labelRowProblems(examples, output.name, data), ...checkDataset(data, target)], where);
    const own: FedModel = { model: held, feeds: feedPlan };
    const judged = await rebatchedModel({
      model,
      asFiled: own,
      mixes: examples.mixes,
      session,
      data,
      ...options,
    });
    const facts: ModelFacts = {
      ...(typeof source === 'string' && { path: source }),
      sha256,
      input: { name: input.name, dims: input.shape.map((dim) => (typeof dim === 'number' ? dim : null)) },
      output: { name: output.name, valuesPerExample: feedPlan.valuesPerExample },
      weights: describeWeights(arrangement),
    };
    const notes = [
      ...fitNotes(data, target),
      ...outputNotes(session),
      ...quantizedNotes(model, options.numerics),
      ...judged.notes,
      ...(isGiant(held) ? [giantNote] : []),
      ...digitalNotes(arrangement),
    ];
    return { facts, model, tensors, arrangement, harmless, asFiled: own, rebatched: judged.form, notes };
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

export async function loadModel(source: string | Uint8Array): Promise<ModelFile & { where: string }> {
  const sha256 = () => createHash('sha256').update(source).digest('hex');
  const file =
    typeof source === 'string'
      ? await readModelFile(source)
      : { model: decodeModel(source), sha256: sha256() };
  // On a crossbar the zeros of a sparse tensor vary too.
  return { ...file, model: densified(file.model), where: typeof source === 'string' ? source : 'the model' };
}

function arrangementOf(model: Model, { digital, inherited }: PrepareOptions, where: string): Arrangement {
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
  if (problems.length > 0) {
    throw new TemperError(
      'model',
      problems.map((problem) => ({ where, ...problem })),
    );
  }
}

/** The one input, after everything that can be checked before a run. */
function inputOf(
  session: Session,
  data: Dataset,
  tensors: readonly CrossbarTensor[],
  { normalization }: PrepareOptions,
  where: string,
): ValueMetadata {
  const problems: Problem[] = [];
  const { inputNames, outputNames } = session;
  const [input] = session.inputs;
  const [output] = session.outputs;
  if (inputNames.length !== 1) {
    const names = inputNames.length === 0 ? 'none' : inputNames.join(', ');
    problems.push({
      what: `the model has ${inputNames.length} inputs (${names}), examples go into one`,
      hint: 'make the others initializers of the graph',
    });
  } else if (input?.type !== 'float32') {
    const hint =
      'remove the cast or quantization of the input from the graph, or put a Cast behind a float32 input';
    problems.push({
      what: `input "${inputNames[0]}" is ${input?.type ?? 'not a tensor'}, examples are float32`,
      hint,
    });
  }
  if (output?.type !== 'float32' || output.name !== outputNames[0]) {
    const type = session.outputs.find(({ name }) => name === outputNames[0])?.type ?? 'not a tensor';
    problems.push({
      what: `output "${outputNames[0]}" is ${type}, scores are taken from float32`,
      hint: 'let the model put out one score per class as float32',
    });
  }
  if (tensors.length === 0) {
    problems.push({
      what: 'no weights to perturb: no Conv, ConvTranspose, Gemm or MatMul has a constant weight',
    });
  }
  if (input && inputNames.length === 1) {
    const inputShape = input.shape.map((dim) => (typeof dim === 'number' ? dim : undefined));
    problems.push(...checkDataset(data, { inputShape, normalization }));
  }
  refuse(problems, where);
  return input!;
}

function withoutBatch({ name, shape }: ValueMetadata): Problem {
  return {
    what: `output "${name}" [${shape.map((extent) => extent || '?').join(', ')}]: which values belong to which example cannot be told`,
    hint: 'put a Transpose or Reshape before the output that brings the batch to the front',
  };
}

function outputNotes({ outputNames }: Session): string[] {
  if (outputNames.length === 1) return [];
  return [`The model has ${outputNames.length} outputs; the first, "${outputNames[0]}", is scored.`];
}

/** onnxruntime by default (WeightBiasQuantization) rounds float weights between quantized activations to 8 bits. */
function quantizedNotes({ graph }: Model, numerics: 'exact' | 'deploy'): string[] {
  const quantizes = [...walkNodes(graph)].some(({ node }) => node.opType.endsWith('QuantizeLinear'));
  const dequantizes = [...walkNodes(graph)].some(({ node }) => node.opType === 'DequantizeLinear');
  if (!quantizes || !dequantizes) return [];
  return [
    numerics === 'exact'
      ? 'Activations are quantized: to score a written chip alike, open it with session.disable_quant_qdq = 1.'
      : 'Activations are quantized: by default onnxruntime rounds the perturbed weights to 8 bits again.',
  ];
}
