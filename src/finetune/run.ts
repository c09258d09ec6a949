/** Everything a fine-tuning run works with, opened and checked once: split, program, evaluator, validation chips, chunk sizes. */
import { openStep, type StepProgram, traceModel } from '../compile/index.js';
import { checkDataset } from '../data/check.js';
import { type Dataset, exampleSize } from '../data/dataset.js';
import { validationSplit } from '../data/epoch.js';
import { type Normalization, unitScale } from '../data/normalize.js';
import { parseDevice } from '../devices/index.js';
import { TemperError } from '../errors.js';
import type { Network } from '../network/network.js';
import type { Model } from '../onnx/model.js';
import { type Chips, openChips } from './chips.js';
import { checkpointSteps, chunkSteps } from './chunk.js';
import { comparedValue } from './compared.js';
import { openEvaluator } from './evaluate.js';
import { type FeedOptions, feedSteps } from './feeds.js';
import type { EpochRecord, History, Measured, Validation } from './history.js';
import type { HostTensors } from './host.js';
import { createMethod } from './methods/index.js';
import type { Objective } from './objective.js';
import { createOptimizer } from './optimizers/index.js';
import { completeSettings, type FinetuneSettings, type Settings } from './settings.js';
import { makeTrainStep, type TrainStepOptions } from './trainStep.js';

export interface FinetuneOptions extends FinetuneSettings {
  model: Model;
  network: Network;
  /** The training split. */
  dataset: Dataset;
  normalization?: Normalization;
  /** Threads of onnxruntime. */
  threads?: number;
  /** Steps per call of the engine, if the default (chunk.ts) does not suit. Changes no result. */
  chunkSteps?: number;
  /** Folder for checkpoints, and the hash of whatever decides this run (model, data, settings, versions). */
  checkpoint?: { folder: string; recipe: string };
  onProgress?: (event: FinetuneEvent) => void;
  signal?: AbortSignal;
}

export type FinetuneEvent =
  | {
      kind: 'start';
      /** Steps done already: above 0 if the run is resumed. */
      step: number;
      steps: number;
      epochs: number;
      examples: number;
      /** Before the first step. */
      validation?: Validation;
      /** Epochs that were finished before the run was resumed. */
      records: readonly EpochRecord[];
    }
  | ({ kind: 'steps'; step: number; steps: number; epoch: number; learningRate: number } & Measured)
  | { kind: 'epoch'; record: EpochRecord; best: boolean };

export interface FinetuneResult {
  /** The source graph with the parameters of the best epoch. */
  model: Model;
  settings: Settings;
  history: History;
  notes: readonly string[];
}

export interface Run {
  readonly options: FinetuneOptions;
  readonly settings: Settings;
  readonly notes: readonly string[];
  readonly feeds: FeedOptions;
  readonly validation: Uint32Array;
  readonly totalSteps: number;
  readonly chunkSteps: number;
  readonly checkpointSteps: number;
  readonly program: StepProgram;
  readonly initialState: HostTensors;
  /** Present if there is a device. */
  readonly chips: Chips | undefined;
  feed(first: number, count: number): HostTensors;
  measure(parameters: HostTensors, indices: Uint32Array): Promise<Measured>;
  report(event: FinetuneEvent): void;
  release(): Promise<void>;
}

export async function openRun(options: FinetuneOptions): Promise<Run> {
  const { network, dataset, normalization = unitScale, threads } = options;
  const settings = completeSettings(options, dataset.shape);
  const { train, validation } = validationSplit(dataset, settings.validation, settings.seed);
  const stepOptions = stepOptionsOf(options, settings, train.length);
  const { batchSize, exampleShape, objective } = stepOptions;
  const made = makeTrainStep(stepOptions);
  const stepsPerEpoch = Math.floor(train.length / batchSize);
  const feeds: FeedOptions = {
    settings,
    dataset,
    train,
    normalization,
    stepOptions,
    runs: made.runs,
    stepsPerEpoch,
  };
  const engine = { engine: settings.engine, ...(threads !== undefined && { threads }) };
  const program = await openStep(made.step, made.specs, engine);
  const evaluator = await openEvaluator({ network, objective, batchSize, exampleShape, ...engine });
  const { device } = stepOptions;
  const chips = device && (await openChips(network, device, settings.seed, engine));
  return {
    options,
    settings,
    notes: notesOf(stepOptions, settings),
    feeds,
    validation,
    totalSteps: settings.epochs * stepsPerEpoch,
    chunkSteps: options.chunkSteps ?? chunkSteps(made.specs),
    checkpointSteps: checkpointSteps(made.specs),
    program,
    initialState: made.initialState,
    chips,
    feed: (first, count) => feedSteps(feeds, first, count),
    measure: (parameters, indices) => evaluator.measure(parameters, dataset, indices, normalization),
    report: (event) => options.onProgress?.(event),
    async release() {
      await program.release();
      await evaluator.release();
      await chips?.release();
    },
  };
}

function stepOptionsOf(options: FinetuneOptions, settings: Settings, examples: number): TrainStepOptions {
  const { model, network, dataset, normalization } = options;
  const { gamma, radius, device } = settings;
  if (network.inputs.length !== 1) {
    const names = network.inputs.map(({ name }) => `"${name}"`).join(', ');
    throw new TemperError('model', {
      what: `the model has ${network.inputs.length} inputs (${names}); training feeds one`,
    });
  }
  const output = network.outputs[0]!;
  const value = comparedValue(model, output, settings.loss);
  const exampleShape = exampleShapeOf(network.inputs[0]!.shape.slice(1), dataset.shape);
  const classes = exampleSize(shapeOf(network, output, exampleShape).slice(1));
  const { augmentation } = settings;
  const problems = checkDataset(dataset, {
    inputShape: network.inputs[0]!.shape,
    classes,
    normalization,
    augmentation,
  });
  if (problems.length > 0) throw new TemperError('model', problems);
  if (dataset.targets && settings.loss === 'cross-entropy') {
    throw new TemperError('usage', {
      what: 'the data hold targets, not classes',
      hint: 'use the loss mean-squared-error',
    });
  }
  const targets: Objective['targets'] = dataset.targets ? { shape: dataset.targetShape ?? [] } : { classes };
  return {
    network,
    objective: { loss: settings.loss, value, targets, smoothing: settings.smoothing },
    optimizer: createOptimizer(settings.optimizer, settings.optimizerOptions),
    method: createMethod(settings.method, {
      ...(gamma !== undefined && { gamma }),
      ...(radius !== undefined && { radius }),
    }),
    device: device === undefined ? undefined : parseDevice(device),
    batchSize: Math.min(settings.batchSize, examples),
    exampleShape,
    batchNorm: settings.batchNorm,
    clip: settings.clip,
    decayOn: settings.decayOn,
    seed: settings.seed,
  };
}

/** What the model leaves open is as the data have it. */
function exampleShapeOf(input: readonly (number | undefined)[], data: readonly number[]): number[] {
  if (!input.includes(undefined)) return input as number[];
  if (input.length === data.length) return [...data];
  const rest = data.filter((extent) => extent !== 1);
  return input.map((extent) => (extent === 1 ? 1 : (rest.shift() ?? 1)));
}

/** Shape of an output for one example, told by a trial recording. */
function shapeOf(network: Network, output: string, exampleShape: readonly number[]): number[] {
  const parameters = [...network.parameters.values()];
  const traced = traceModel(
    (tensors) => {
      const values = Object.fromEntries(parameters.map(({ name }) => [name, tensors[`parameter/${name}`]!]));
      return {
        shaped: network.forward(values, { [network.inputs[0]!.name]: tensors.examples! }).outputs[output]!,
      };
    },
    [
      { name: 'examples', dtype: 'float32', shape: [1, ...exampleShape] },
      ...parameters.map(({ name, shape }) => ({
        name: `parameter/${name}`,
        dtype: 'float32' as const,
        shape,
      })),
    ],
  );
  return traced.graph.outputs[0]!.tensorType!.shape as number[];
}

function notesOf({ batchSize, network }: TrainStepOptions, settings: Settings): string[] {
  const notes: string[] = [];
  if (batchSize < settings.batchSize) {
    notes.push(`The batch size is ${batchSize}, as there are no more training examples.`);
  }
  if (![...network.parameters.values()].some(({ crossbar }) => crossbar)) {
    notes.push('No weight of this network sits on a crossbar: there is nothing to perturb.');
  }
  return notes;
}
