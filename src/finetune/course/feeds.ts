/** What each training step is fed: examples, answers, rates, offsets. All of it follows from (settings, step) alone. */
import { bool, float32, type HostTensor, int32 } from '../../compile/index.js';
import { fillBatch, fillLabels, fillTargets } from '../../data/batch.js';
import type { Dataset } from '../../data/dataset.js';
import { augmentationWords, epochOrder } from '../../data/epoch.js';
import type { Normalization } from '../../data/normalize.js';
import { randomStream } from '../../random/stream.js';
import type { Settings } from '../settings/settings.js';
import { elements, type HostTensors } from '../step/host.js';
import { poolOffsets } from '../step/noisePool.js';
import { flatBatch, named } from '../step/stepState.js';
import type { TrainStep, TrainStepOptions } from '../step/trainStep.js';

export interface FeedOptions {
  readonly settings: Settings;
  readonly dataset: Dataset;
  /** Examples that gradients are taken on. */
  readonly train: Uint32Array;
  readonly normalization: Normalization;
  readonly stepOptions: TrainStepOptions;
  readonly runs: TrainStep['runs'];
  readonly stepsPerEpoch: number;
}

/** Learning rate and noise strength of each step. */
export interface Course {
  rateAt(step: number): number;
  strengthAt(step: number): number;
}

/** Batches of the steps first ... first + count - 1, which must lie in one epoch, stacked along a leading dimension. */
export function feedSteps(options: FeedOptions, course: Course, first: number, count: number): HostTensors {
  const { batchSize } = options.stepOptions;
  const epoch = Math.floor(first / options.stepsPerEpoch);
  const start = (first % options.stepsPerEpoch) * batchSize;
  const order = epochOrder(options.train.length, options.settings.seed, epoch);
  const indices = order
    .subarray(start, start + count * batchSize)
    .map((position) => options.train[position]!);
  return flatBatch({
    examples: examplesOf(options, indices, epoch, start, count),
    answers: answersOf(options, indices, count),
    ...scalarsOf(options, course, first, count),
  });
}

function examplesOf(options: FeedOptions, indices: Uint32Array, epoch: number, start: number, count: number) {
  const { dataset, normalization, settings, stepOptions } = options;
  const shape = [count, stepOptions.batchSize, ...stepOptions.exampleShape];
  const out = new Float32Array(elements(shape));
  const words = augmentationWords(settings.seed, epoch, start, indices.length);
  fillBatch(dataset, indices, normalization, out, settings.augmentation, words);
  return float32(shape, out);
}

function answersOf({ dataset, stepOptions }: FeedOptions, indices: Uint32Array, count: number): HostTensors {
  const { objective, batchSize } = stepOptions;
  if ('classes' in objective.targets) {
    const labels = new Int32Array(indices.length);
    fillLabels(dataset, indices, labels);
    return { labels: int32([count, batchSize], labels) };
  }
  const { shape } = objective.targets;
  const targets = new Float32Array(indices.length * elements(shape));
  fillTargets(dataset, indices, targets);
  return { targets: float32([count, batchSize, ...shape], targets) };
}

function scalarsOf(
  { settings, stepOptions, runs }: FeedOptions,
  { rateAt, strengthAt }: Course,
  first: number,
  count: number,
) {
  const { optimizer, method } = stepOptions;
  const steps = Array.from({ length: count }, (_, k) => first + k);
  /** A row for each step into a tensor for each name. */
  const stacked = <T>(rows: readonly Record<string, T>[], tensor: (values: T[]) => HostTensor) =>
    named(Object.keys(rows[0] ?? {}).map((name) => [name, tensor(rows.flatMap((row) => row[name] ?? []))]));
  const scalars = steps.map((step) => optimizer.scalars(rateAt(step), step));
  const uniform = randomStream('finetune/method', settings.seed);
  const flags = steps.map((step) => {
    const [drawn = 0.5] = uniform.uniforms(1, step);
    return method.flags(drawn);
  });
  const lengths = runs.map(({ length }) => length);
  const offsets = steps.map((step) => {
    const begins = poolOffsets(lengths, settings.seed, step);
    return Object.fromEntries(runs.map(({ name }, run) => [name, begins[run] ?? 0]));
  });
  return {
    scalars: stacked(scalars, (values) => float32([count], Float32Array.from(values))),
    flags: stacked(flags, (values) => bool([count], Uint8Array.from(values, Number))),
    strength: method.perturbs ? float32([count], Float32Array.from(steps, strengthAt)) : undefined,
    offsets: stacked(offsets, (values) => int32([count], Int32Array.from(values))),
  };
}
