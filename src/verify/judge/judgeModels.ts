/** Every chip of every device for each model, and the models as they stand: scored, by as many threads as that is worth. */
import type { Normalization } from '../../data/normalize.js';
import { TemperError } from '../../errors.js';
import type { CompiledDevice } from '../chips/deviceProgram.js';
import { cleanWeights } from '../chips/draws.js';
import type { FedExamples } from '../feed/feedPlan.js';
import type { OpenedModels } from '../model/openModels.js';
import type { Score } from '../statistics/scores.js';
import { type ExampleMeans, ExampleSums } from './exampleSums.js';
import type { JudgeTask } from './judge.js';
import { judgeAll } from './pool.js';
import { shareExamples } from './sharedExamples.js';
import { type Threads, threadsFor } from './threads.js';
import { progressOf, scoresOf, trialsOf, type VerifyProgress } from './trials.js';

export interface JudgeOptions {
  data: FedExamples;
  normalization: Normalization;
  numerics: 'exact' | 'deploy';
  seed: number;
  /** Chips per device. */
  draws: number;
  threads?: number | undefined;
  onNote?: ((text: string) => void) | undefined;
  onProgress?: ((event: VerifyProgress) => void) | undefined;
  signal?: AbortSignal | undefined;
}

/** Models and devices by their place in the lists. */
export interface Judgements {
  clean(model: number): Score;
  chips(model: number, device: number): Score[];
  examples(model: number, device: number): ExampleMeans;
}

/** Throws as `judgeAll` does, and TemperError('model') for a model whose error is no number without any noise. */
export async function judgeModels(
  opened: OpenedModels,
  devices: readonly CompiledDevice[],
  options: JudgeOptions,
): Promise<Judgements> {
  const { draws, signal, onNote, onProgress } = options;
  const trials = trialsOf(opened.models.length, devices.length, draws);
  const threads = threadsOf(opened, trials.length, options);
  if (threads.note !== undefined) onNote?.(threads.note);
  const sums = new ExampleSums(trials);
  const tell = progressOf(onProgress, trials, devices);
  const onScore = (job: number, score: Score) => {
    if (trials[job]!.device === undefined) refuseNoNumber(score);
    sums.take(job, score);
    tell(job, score);
  };
  const { workers } = threads;
  const scores = await judgeAll(tasksOf(opened, devices, threads, options), trials, {
    ...{ workers, signal, onScore },
  });
  return {
    clean: (model) => scoresOf(trials, scores, model)[0]!,
    chips: (model, device) => scoresOf(trials, scores, model, device),
    examples: (model, device) => (measure) => sums.means(model, device, measure),
  };
}

function threadsOf(
  { model, models, reference }: OpenedModels,
  trials: number,
  { threads, data }: JudgeOptions,
): Threads {
  const forms = models.flatMap(({ rebatched, asFiled }) =>
    rebatched === asFiled ? [asFiled] : [asFiled, rebatched],
  );
  const held = [...forms.map((form) => form.model), ...(reference ? [reference.held] : [])];
  return threadsFor(held, threads, trials, data.count, cleanWeights(model.tensors));
}

function tasksOf(
  { models, reference }: OpenedModels,
  devices: readonly CompiledDevice[],
  { workers, threadsPerRun }: Threads,
  { data, normalization, numerics, seed }: JudgeOptions,
): JudgeTask[] {
  const shared = {
    ...{ data: shareExamples(data, workers), normalization, seed, numerics },
    devices: devices.map(({ program }) => program),
    ...(reference && { noiseFrom: reference.held }),
    threads: threadsPerRun,
  };
  return models.map(({ rebatched, asFiled, tensors }) => ({
    ...shared,
    crossbar: tensors.map(({ name }) => name),
    ...rebatched,
    ...(rebatched !== asFiled && { asFiled }),
  }));
}

function refuseNoNumber({ squaredError, notNumbers, examples }: Score): void {
  if (squaredError === undefined || Number.isFinite(squaredError)) return;
  throw new TemperError('model', {
    what: `without any noise the mean squared error is no number, because of ${notNumbers} of ${examples} examples`,
    hint: 'look for outputs or targets that are NaN or infinite',
  });
}
