/** Everything a fine-tuning run works with, opened and checked once: split, program, evaluator, validation chips, chunk sizes. */
import { openStep, type StepProgram } from '../../compile/index.js';
import type { Dataset } from '../../data/dataset.js';
import { validationSplit } from '../../data/epoch.js';
import { type Normalization, unitScale } from '../../data/normalize.js';
import { TemperError } from '../../errors.js';
import type { Network, Parameter } from '../../network/network.js';
import type { Model } from '../../onnx/model.js';
import { usableMemory } from '../../onnx/usableMemory.js';
import { checkpointSteps, chunkSteps } from '../course/chunk.js';
import { type Course, type FeedOptions, feedSteps } from '../course/feeds.js';
import type {
  Choice,
  CourseTrial,
  Decision,
  EpochRecord,
  History,
  Metrics,
  ResultOrigin,
  Validation,
  WeightInterpolation,
} from '../history/history.js';
import { completeSettings, type FinetuneSettings, type Settings } from '../settings/settings.js';
import { proveBatch } from '../start/batchProof.js';
import { checkGradients } from '../start/gradientCheck.js';
import { memoryProblems } from '../start/memoryNeed.js';
import { type TrainingScope, trainingScope } from '../start/started.js';
import { notesOf, stepOptionsOf } from '../start/stepOptions.js';
import type { HostTensors } from '../step/host.js';
import { rolesOf } from '../step/state.js';
import { makeTrainStep, type TrainStepOptions } from '../step/trainStep.js';
import { openChips } from '../validation/chips.js';
import { openEvaluator } from '../validation/evaluate.js';
import type { Validating } from '../validation/validate.js';

export interface FinetuneOptions extends FinetuneSettings {
  /**
   * Run in this process, as it is in memory: of a stranger's file, call `rehearse(path)` before it is read
   * (docs/decisions/0027-the-librarys-process.md).
   */
  model: Model;
  network: Network;
  /** The training split. */
  dataset: Dataset;
  normalization?: Normalization;
  /** Bytes of memory that training may take; default: what this process may use. More is refused beforehand. */
  memory?: number | undefined;
  /** Steps per call of the engine, if the default (chunk.ts) does not suit. Changes no result. */
  chunkSteps?: number;
  /** Folder for checkpoints, and the hash of whatever decides this run (model, data, settings, versions). */
  checkpoint?: { folder: string; recipe: string };
  onProgress?: (event: FinetuneEvent) => void;
  /** Is given the best epoch of a run that diverges, and returns where it is kept, for the error to tell. */
  onDivergence?: (best: Model, record: EpochRecord) => Promise<string>;
  signal?: AbortSignal;
}

export type FinetuneEvent =
  /** What a user should know of how the run goes on. */
  | { kind: 'remark'; text: string }
  | {
      kind: 'start';
      /** Steps done already: above 0 if the run is resumed. */
      step: number;
      steps: number;
      epochs: number;
      examples: number;
      /** What is trained, and what is not. */
      scope: TrainingScope;
      /** Before the first step. */
      validation?: Validation;
      /** Epochs that were finished before the run was resumed. */
      records: readonly EpochRecord[];
    }
  /** A clip or a learning rate was tried, before training. */
  | { kind: 'tried'; trial: CourseTrial }
  /** What training goes by. */
  | { kind: 'choice'; step: number; choice: Choice; clipped?: Validation }
  | ({ kind: 'steps'; step: number; steps: number; epoch: number; learningRate: number } & Metrics)
  | { kind: 'epoch'; record: EpochRecord; best: boolean }
  /** A candidate between the network as it came and the best epoch was tried, after training. */
  | { kind: 'interpolated'; interpolation: WeightInterpolation }
  /** What the result is. */
  | { kind: 'decision'; step: number; decision: Decision };

export interface FinetuneResult {
  /** The source graph with the parameters of the best candidate: an epoch, between it and the source, clipping alone, or as it came. */
  model: Model;
  origin: ResultOrigin;
  /** The source graph with its weights clipped as is best without training. */
  clipped: Model;
  settings: Settings;
  history: History;
  /** What was trained, and what was not. */
  scope: TrainingScope;
  notes: readonly string[];
}

/** Its chips are present if there is a device. */
export interface Run extends Validating {
  readonly options: FinetuneOptions;
  readonly settings: Settings;
  readonly notes: readonly string[];
  readonly scope: TrainingScope;
  readonly feeds: FeedOptions;
  readonly validation: Uint32Array;
  readonly totalSteps: number;
  readonly chunkSteps: number;
  readonly checkpointSteps: number;
  readonly program: StepProgram;
  readonly initialState: HostTensors;
  /** Parameters that are clipped, if a clip is chosen or given. */
  readonly clipped: readonly Parameter[];
  feed(course: Course, first: number, count: number): HostTensors;
  report(event: FinetuneEvent): void;
  release(): Promise<void>;
}

/** Throws what `finetune` would throw before its first computation, of model, data and settings. */
export function checkTraining(options: FinetuneOptions): void {
  const settings = completeSettings(options, options.dataset);
  const { train } = validationSplit(options.dataset, settings.validation, settings.seed);
  requireMemory(options, stepOptionsOf(options, settings, train.length));
}

function requireMemory({ model, memory = usableMemory() }: FinetuneOptions, planned: TrainStepOptions): void {
  const problems = memoryProblems(model, planned, memory);
  if (problems.length > 0) throw new TemperError('model', problems);
}

export async function openRun(options: FinetuneOptions): Promise<Run> {
  const { network, dataset, normalization = unitScale } = options;
  const settings = completeSettings(options, dataset);
  const { train, validation } = validationSplit(dataset, settings.validation, settings.seed);
  const planned = stepOptionsOf(options, settings, train.length);
  requireMemory(options, planned);
  const { batchSize, exampleShape, objective } = planned;
  const stepsPerEpoch = Math.floor(train.length / batchSize);
  const engine = { engine: settings.engine, threads: settings.threads };
  const fed = { settings, dataset, train, normalization, stepsPerEpoch };
  const gradients = await checkGradients({ ...fed, stepOptions: planned, runs: [] }, engine);
  const stepOptions = { ...planned, ...gradients };
  const made = makeTrainStep(stepOptions);
  const feeds: FeedOptions = { ...fed, stepOptions, runs: made.runs };
  const program = await openStep(made.step, made.specs, engine);
  const evaluator = await openEvaluator({ network, objective, batchSize, exampleShape, ...engine });
  const examples = { dataset, indices: train, normalization };
  const proofNotes = await proveBatch(options.model, stepOptions, examples, evaluator);
  const { device } = stepOptions;
  const chips =
    device &&
    (await openChips(network, device, settings.seed, { ...engine, channels: stepOptions.channels }));
  return {
    options,
    settings,
    notes: [...notesOf(options.model, stepOptions, settings), ...proofNotes],
    scope: trainingScope(options.model, planned, settings, gradients),
    feeds,
    validation,
    totalSteps: settings.epochs * stepsPerEpoch,
    chunkSteps: options.chunkSteps ?? chunkSteps(made.specs),
    checkpointSteps: checkpointSteps(made.specs),
    program,
    initialState: made.initialState,
    clipped: rolesOf(network, stepOptions).clipped,
    chips,
    feed: (course, first, count) => feedSteps(feeds, course, first, count),
    measure: (parameters, indices, also) =>
      evaluator.measure(parameters, { dataset, indices, normalization, ...also }),
    report: (event) => options.onProgress?.(event),
    async release() {
      await program.release();
      await evaluator.release();
      await chips?.release();
    },
  };
}
