/** Before a stranger's model is run in this process, it is run in one apart (rehearsal.ts), within limits. */
import { type Dataset, exampleSize } from '../data/dataset.js';
import { unitScale } from '../data/normalize.js';
import { type Asked, limitsFor, surviving } from '../runtime/limits.js';
import { moduleBeside } from '../runtime/thread.js';
import { defaultBatch } from './fitting.js';
import type { Rehearsal } from './rehearsal.js';

export interface RehearseOptions {
  /** Left out, the model is only opened. */
  dataset?: Dataset | undefined;
  /** Of the model, external data included. */
  size: number;
  numerics?: 'exact' | 'deploy' | undefined;
  batchSize?: number | undefined;
  threads?: number | undefined;
  limits?: Asked | undefined;
  signal?: AbortSignal | undefined;
}

/** Sent to the process apart; more change nothing. */
const mostExamples = 256;

/**
 * Throws TemperError('model') for a model over which onnxruntime crashes, or takes more memory or time than allowed. What it
 * refuses in words is for those who open it here to tell.
 */
export async function rehearse(path: string, options: RehearseOptions): Promise<void> {
  const { dataset, size, numerics = 'exact', batchSize, threads, limits, signal } = options;
  const argument: Rehearsal = {
    ...{ path, numerics, batchSize, threads, normalization: unitScale },
    ...(dataset && { examples: firstOf(dataset, batchSize) }),
  };
  const module = moduleBeside(import.meta.url, 'rehearsal');
  await surviving({ module, argument, limits: limitsFor(size, limits) }, path, signal);
}

function firstOf(dataset: Dataset, batchSize: number | undefined) {
  const { shape, examples } = dataset;
  const count = Math.min(dataset.count, Math.max(mostExamples, batchSize ?? defaultBatch(shape)));
  return { shape, count, examples: examples.slice(0, count * exampleSize(shape)) };
}
