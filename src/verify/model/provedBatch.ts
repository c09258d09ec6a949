/**
 * In which form a model is judged: as it stands, or with its fixed batch dimension reopened, if on a sample of the data the
 * reopened model gives the same outputs (1e-6 of the largest) and the same highest class, example for example.
 */
import { type Dataset, exampleSize } from '../../data/dataset.js';
import type { Normalization } from '../../data/normalize.js';
import { TemperError } from '../../errors.js';
import type { Model } from '../../onnx/model.js';
import type { Session } from '../../runtime/session.js';
import { alike, type Held, openHeld } from '../chips/held.js';
import { defaultBatch, type FeedPlan, runExamples } from '../feed/feedPlan.js';
import { findOutputAxis } from './outputAxis.js';
import { reopenedModels } from './reopenBatch.js';

/** A model and how examples are fed to it. */
export interface FedModel {
  model: Held;
  feeds: FeedPlan;
}

interface BatchCandidate {
  model: Model;
  asFiled: FedModel;
  /** Of the model as it stands. */
  session: Session;
  /** Whether the examples of a batch change each other as the model stands. */
  mixes: boolean;
  data: Dataset;
  normalization: Normalization;
  batchSize?: number | undefined;
  numerics: 'exact' | 'deploy';
}

const sampleSize = 32;
const tolerance = 1e-6;

export async function rebatchedModel(candidate: BatchCandidate): Promise<{ fed: FedModel; notes: string[] }> {
  const { asFiled, data, batchSize, mixes } = candidate;
  const { feeds: feedPlan } = asFiled;
  if (mixes) return { fed: asFiled, notes: [mixingNote(feedPlan)] };
  const batch = batchSize ?? defaultBatch(feedPlan.exampleDims);
  if (!feedPlan.fixed || feedPlan.batch >= batch || data.count <= feedPlan.batch)
    return { fed: asFiled, notes: [] };
  const sample = Array.from({ length: Math.min(sampleSize, data.count) }, (_, i) => i);
  const expected = await runInBatches(candidate.session, feedPlan, candidate, sample);
  for (const model of reopenedModels(candidate.model, feedPlan.input, feedPlan.batch)) {
    const fed: FedModel = {
      model: alike(asFiled.model, model),
      feeds: { ...feedPlan, batch, fixed: false },
    };
    const difference = await compare(fed, candidate, sample, expected);
    if (difference === undefined) continue;
    const proof = `equal outputs on ${sample.length} of them (largest difference ${difference.toExponential(1)} of the largest output)`;
    const note = `The file fixes its batch at ${feedPlan.batch}; examples were judged ${batch} at a time, after ${proof}.`;
    return { fed, notes: [note] };
  }
  const note = `The file fixes its batch at ${feedPlan.batch}, and could not be shown to work with larger ones; it was judged as it stands.`;
  return { fed: asFiled, notes: [note] };
}

function mixingNote({ batch, fixed }: FeedPlan): string {
  const fed = fixed
    ? `${batch} at a time, as the file wants them, the last batch filled up with its last example`
    : `${batch} at a time`;
  return `The examples of a batch change each other's outputs: scores are those of the test examples in their order, ${fed}.`;
}

async function runInBatches(
  session: Session,
  feedPlan: FeedPlan,
  { data, normalization }: BatchCandidate,
  sample: readonly number[],
): Promise<Float32Array> {
  const { batch, valuesPerExample } = feedPlan;
  const outputs = new Float32Array(sample.length * valuesPerExample);
  for (let from = 0; from < sample.length; from += batch) {
    const indices = sample.slice(from, from + batch);
    const rows = await runExamples(session, feedPlan, data, indices, normalization);
    outputs.set(rows.subarray(0, indices.length * valuesPerExample), from * valuesPerExample);
  }
  return outputs;
}

/** Largest difference relative to the largest output; undefined if it is no proof. */
async function compare(
  fed: FedModel,
  candidate: BatchCandidate,
  sample: readonly number[],
  expected: Float32Array,
): Promise<number | undefined> {
  const { data, normalization, numerics } = candidate;
  let outputs: Float32Array;
  try {
    const session = await openHeld(fed.model, { numerics });
    try {
      const found = await findOutputAxis(session, fed.feeds, data, normalization);
      if (!found || found.mixes || exampleSize(found.shape) !== fed.feeds.valuesPerExample) return undefined;
      fed.feeds.axis = found.axis;
      // Backwards: in other places and among others than in the file's own batches, if these hold several.
      const backwards = [...sample].reverse();
      const rows = await runInBatches(session, fed.feeds, candidate, backwards);
      outputs = reversed(rows, fed.feeds.valuesPerExample);
    } finally {
      await session.release();
    }
  } catch (error) {
    // The rewriting does not fit this graph; onnxruntime said so.
    if (error instanceof TemperError) return undefined;
    throw error;
  }
  const values = fed.feeds.valuesPerExample;
  const same =
    outputs.length === expected.length &&
    highest(outputs, values).join() === highest(expected, values).join();
  const difference = relativeDifference(outputs, expected);
  return same && difference <= tolerance ? difference : undefined;
}

function reversed(outputs: Float32Array, values: number): Float32Array {
  const rows = outputs.length / values;
  const out = new Float32Array(outputs.length);
  for (let row = 0; row < rows; row++)
    out.set(outputs.subarray(row * values, (row + 1) * values), (rows - 1 - row) * values);
  return out;
}

/** Largest |a - b| over largest |b|; NaN (never small) if any value is no number. */
export function relativeDifference(a: Float32Array, b: Float32Array): number {
  let difference = 0;
  let largest = 0;
  for (let i = 0; i < b.length; i++) {
    difference = Math.max(difference, Math.abs(a[i]! - b[i]!));
    largest = Math.max(largest, Math.abs(b[i]!));
  }
  return largest === 0 ? difference : difference / largest;
}

function highest(outputs: Float32Array, values: number): number[] {
  return Array.from({ length: outputs.length / values }, (_, row) => {
    const scores = outputs.subarray(row * values, (row + 1) * values);
    return scores.indexOf(scores.reduce((max, score) => Math.max(max, score)));
  });
}
