/** What was judged, in the parts that a report is made of: of each model without noise, and on each device's chips. */
import type { Device } from '../../devices/index.js';
import { TemperError } from '../../errors.js';
import type { VerifyOptions } from '../options.js';
import type { CleanScore, VerifyDraw } from '../report/report.js';
import { cleanScore, drawsOf, type ExampleMeans } from '../report/results.js';
import type { Score } from '../statistics/scores.js';
import { ExampleSums } from './exampleSums.js';
import type { JudgeTask } from './judge.js';
import { judgeAll } from './pool.js';
import { progressOf, scoresOf, trialsOf } from './trials.js';

export interface Judgements {
  clean(model: number): CleanScore;
  draws(model: number, device: number): VerifyDraw[];
  examples(model: number, device: number): ExampleMeans;
}

export interface Judging {
  draws: number;
  workers: number;
  /** Outputs of the model. */
  classes: number;
}

/** Throws as `judgeAll` does, and TemperError('model') for a model whose error is no number without any noise. */
export async function judgeTrials(
  tasks: JudgeTask[],
  devices: readonly Device[],
  { draws, workers, classes }: Judging,
  { onProgress, signal }: Pick<VerifyOptions, 'onProgress' | 'signal'>,
): Promise<Judgements> {
  const trials = trialsOf(tasks.length, devices.length, draws);
  const sums = new ExampleSums(trials);
  const tell = progressOf(onProgress, trials, devices);
  const onScore = (job: number, score: Score) => {
    if (trials[job]!.device === undefined) refuseNoNumber(score);
    sums.take(job, score);
    tell(job, score);
  };
  const scores = await judgeAll(tasks, trials, { workers, signal, onScore });
  return {
    clean: (model) => cleanScore(scoresOf(trials, scores, model)[0]!, classes),
    draws: (model, device) => drawsOf(scoresOf(trials, scores, model, device), classes),
    examples: (model, device) => (measure) => sums.means(model, device, measure),
  };
}

function refuseNoNumber({ squaredError, notNumbers, examples }: Score): void {
  if (squaredError === undefined || Number.isFinite(squaredError)) return;
  throw new TemperError('model', {
    what: `without any noise the mean squared error is no number, because of ${notNumbers} of ${examples} examples`,
    hint: 'look for outputs or targets that are NaN or infinite',
  });
}
