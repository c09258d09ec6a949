/**
 * Is the judge awake? Before any verdict: the weights put back unchanged must give the model's own outputs, and weights
 * drowned in noise must not. A harness that silently ignores its perturbation would report perfect robustness.
 */

import type { Normalization } from '../../data/normalize.js';
import { TemperError } from '../../errors.js';
import { randomStream } from '../../random/stream.js';
import type { Session } from '../../runtime/session.js';
import type { Weight } from '../chips/bakeWeights.js';
import { cleanWeights } from '../chips/draws.js';
import { modelOf, openBaked, openHeld } from '../chips/held.js';
import { type FedExamples, runExamples } from '../feed/feedPlan.js';
import type { OpenedModel } from './openModel.js';
import { type FedModel, relativeDifference } from './provedBatch.js';

const sampleSize = 16;
/** Standard deviation of the drowning noise, in units of the largest weight of each tensor. */
const drowning = 10;
const unchanged = 1e-4;
/** Beyond this the effective weights were not read as the model reads them. */
const misread = 0.05;

/** Of all that will be judged. Returns notes for the report. Throws TemperError('model'). */
export async function checkSanity(
  models: readonly OpenedModel[],
  data: FedExamples,
  normalization: Normalization,
): Promise<string[]> {
  const notes: string[] = [];
  for (const { rebatched, tensors } of models)
    notes.push(...(await checkModel(rebatched, cleanWeights(tensors), data, normalization)));
  return notes;
}

async function checkModel(
  { model, feeds: feedPlan }: FedModel,
  weights: readonly Weight[],
  data: FedExamples,
  normalization: Normalization,
): Promise<string[]> {
  const sample = Array.from({ length: Math.min(sampleSize, data.count, feedPlan.batch) }, (_, i) => i);
  const outputs = async (opening: Promise<Session>): Promise<Float32Array> => {
    const session = await opening;
    try {
      return await runExamples(session, feedPlan, data, sample, normalization);
    } finally {
      await session.release();
    }
  };
  const decoded = modelOf(model);
  const clean = await outputs(openHeld(model));
  const rebaked = relativeDifference(await outputs(openBaked(model, decoded, weights)), clean);
  if (!(rebaked <= misread)) {
    const what = `putting its own weights back changes the outputs of the model by ${percent(rebaked)}`;
    throw new TemperError('model', {
      what,
      hint: 'the weights of this model cannot be perturbed faithfully',
    });
  }
  const drowned = await outputs(openBaked(model, decoded, drown(weights)));
  const moved = relativeDifference(drowned, clean);
  if (moved <= unchanged) {
    throw new TemperError('model', {
      what: `noise of ${drowning} times the largest weight does not change the outputs: nothing would be tested`,
      hint: 'the outputs do not depend on the weights of Conv, ConvTranspose, Gemm or MatMul',
    });
  }
  if (rebaked <= unchanged) return [];
  return [
    `Read as float weights, the unperturbed model differs by ${percent(rebaked)} of its largest output.`,
  ];
}

function* drown(weights: readonly Weight[]): Iterable<Weight> {
  for (const { name, dims, dataType, values } of weights) {
    const std = drowning * values.reduce((max, value) => Math.max(max, Math.abs(value)), 0);
    const noise = randomStream('sanity', name).normals(values.length);
    yield { name, dims, dataType, values: values.map((value, i) => value + std * noise[i]!) };
  }
}

function percent(fraction: number): string {
  return `${(100 * fraction).toPrecision(2)} %`;
}
