/**
 * A file that fixes its batch is trained in mini-batches of another size. That no example's outputs depend on the others then
 * is read off the operators (src/network/batch); before training it is also seen: the program as it will run, on real
 * examples in a mini-batch, against the file itself in onnxruntime, fed as many examples as it asks for.
 */
import { float32, openProgram } from '../../compile/index.js';
import { fillBatch } from '../../data/batch.js';
import { TemperError } from '../../errors.js';
import type { Network } from '../../network/network.js';
import type { Model } from '../../onnx/model.js';
import { axisFirst } from '../../runtime/host.js';
import type { Session } from '../../runtime/session.js';
import { elements } from '../step/host.js';
import type { TrainStepOptions } from '../step/trainStep.js';
import type { EvaluatedExamples, Evaluator } from '../validation/evaluate.js';

/** Examples that are compared. */
const sampleSize = 16;
/** Relative to the largest output: two engines differ by some 1e-6, by more where a rounding of activations turns. */
const tolerance = 1e-3;
/** Roundings turn in a few examples; examples that meet show in nearly all. */
const enough = 0.75;

/**
 * Nothing to prove without a fixed batch. Throws TemperError('model') if the examples of a mini-batch change each other.
 * @returns notes
 */
export async function proveBatch(
  model: Model,
  { network, objective, batchSize, exampleShape }: TrainStepOptions,
  { dataset, indices, normalization }: EvaluatedExamples,
  evaluator: Evaluator,
): Promise<string[]> {
  const { fixedBatch, name } = network.inputs[0]!;
  if (fixedBatch === undefined || fixedBatch === batchSize) return [];
  const sample = indices.subarray(0, Math.min(sampleSize, batchSize));
  // In the mini-batch the sample stands backwards, among other examples.
  const mixed = Uint32Array.from(
    { length: batchSize },
    (_, row) => sample[sample.length - 1 - row] ?? indices[row % indices.length]!,
  );
  const together = await outputsOf(network, evaluator, { dataset, indices: mixed, normalization });
  const size = together.length / batchSize;
  const session = await openProgram(withOutput(model, objective.value)).catch((error: unknown) => {
    if (error instanceof TemperError && error.kind === 'model') return undefined;
    throw error;
  });
  if (!session)
    return [
      `Onnxruntime does not open the file: mini-batches of ${batchSize} could not be compared with it.`,
    ];
  try {
    const feed = { name, fixedBatch, exampleShape, value: objective.value, axis: objective.axis ?? 0 };
    const apart = await runFile(session, feed, { dataset, indices: sample, normalization });
    const differences = Array.from(sample, (_, i) =>
      difference(
        together.subarray((sample.length - 1 - i) * size, (sample.length - i) * size),
        apart.subarray(i * size, (i + 1) * size),
      ),
    );
    const equal = differences.filter((relative) => relative <= tolerance).length;
    if (equal >= enough * sample.length) return [];
    const median = [...differences].sort((a, b) => a - b)[sample.length >> 1]!;
    throw new TemperError('model', {
      what: `the file fixes its batch at ${fixedBatch}; in mini-batches of ${batchSize} it gives other outputs (by ${(100 * median).toPrecision(2)} % of the largest, in the middle of ${sample.length} examples)`,
      hint: `export the model with a dynamic batch dimension, or train with a batch size of ${fixedBatch}`,
    });
  } finally {
    await session.release();
  }
}

/** Of the network as it came, for one mini-batch, the examples one after the other. */
async function outputsOf(
  { parameters }: Network,
  evaluator: Evaluator,
  on: EvaluatedExamples,
): Promise<Float32Array> {
  const seen: Float32Array[] = [];
  const watch = {
    add: (outputs: Float32Array) => void seen.push(outputs),
    sawProbabilitiesOnly: () => false,
  };
  const stored = [...parameters.values()].map(({ name, shape, values }) => [name, float32(shape, values)]);
  await evaluator.measure(Object.fromEntries(stored), { ...on, watch });
  return seen[0]!;
}

/** The file with the value that is compared among its outputs. */
function withOutput(model: Model, value: string): Model {
  const { graph } = model;
  if (graph.outputs.some(({ name }) => name === value)) return model;
  return { ...model, graph: { ...graph, outputs: [...graph.outputs, { name: value }] } };
}

interface Feed {
  readonly name: string;
  readonly fixedBatch: number;
  readonly exampleShape: readonly number[];
  readonly value: string;
  readonly axis: number;
}

/** The file on its own batches, in order; the last one is filled up with its last example. */
async function runFile(
  session: Session,
  { name, fixedBatch, exampleShape, value, axis }: Feed,
  { dataset, indices, normalization }: EvaluatedExamples,
): Promise<Float32Array> {
  const rows: Float32Array[] = [];
  for (let from = 0; from < indices.length; from += fixedBatch) {
    const filled = Array.from({ length: fixedBatch }, (_, i) => indices[from + i] ?? indices.at(-1)!);
    const examples = new Float32Array(fixedBatch * elements(exampleShape));
    fillBatch(dataset, filled, normalization, examples);
    const fed = { [name]: float32([fixedBatch, ...exampleShape], examples) };
    const { [value]: result } = await session.run(fed, [value]);
    const first = axisFirst(result!, axis);
    const size = first.length / fixedBatch;
    rows.push(first.subarray(0, Math.min(fixedBatch, indices.length - from) * size));
  }
  const all = new Float32Array(rows.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const row of rows) {
    all.set(row, at);
    at += row.length;
  }
  return all;
}

/** Largest |a - b| over largest |b|; infinite if one of them is no number and the other is. */
function difference(a: Float32Array, b: Float32Array): number {
  let [largest, scale] = [0, 0];
  for (let i = 0; i < b.length; i++) {
    const apart = Math.abs(a[i]! - b[i]!);
    if (!Object.is(a[i], b[i]))
      largest = Math.max(largest, Number.isNaN(apart) ? Number.POSITIVE_INFINITY : apart);
    if (Number.isFinite(b[i])) scale = Math.max(scale, Math.abs(b[i]!));
  }
  return scale === 0 ? largest : largest / scale;
}
