/**
 * Before training: how far weights are clipped and how fast they are trained, chosen on the validation split under the noise of
 * the device. First clips alone, without training; then short trials, each a small run with its own course of the learning
 * rate: over rates at the best clip, over the neighbours of that clip at the best rate. (Our own way; a range test as in
 * Smith, WACV 2017, tells where training diverges, which under noise says little about where it ends.)
 */
import { TemperError } from '../../errors.js';
import { randomStream } from '../../random/stream.js';
import type { Choice, Trial, Validation } from '../history.js';
import type { HostTensors } from '../host.js';
import { findOptimizer } from '../optimizers/index.js';
import type { Run } from '../run.js';
import { validate } from '../validate.js';
import { type Clip, clipCandidates, clipWords, neighboursOf, noClip } from './clips.js';
import { type Merit, meritOf, outdoes } from './merit.js';
import { clippedState } from './start.js';
import { runTrial, trialSteps } from './trial.js';

/** Examples that are enough to tell candidates apart: all are judged on the same ones, and on the same chips. */
const mostExamples = 2048;
/** Largest first. A run that needs less than the last gains nothing worth its harm. */
const rates = [0.1, 0.03, 0.01, 0.003, 0.001, 0.0003, 0.0001];
const worst: Merit = { accuracy: Number.NEGATIVE_INFINITY, loss: Number.NEGATIVE_INFINITY };

/** Whether anything is left to choose. */
export function leavesChoice({ settings, clipped }: Run): boolean {
  return (settings.clip === 'auto' && clipped.length > 0) || settings.schedule.learningRate === 'auto';
}

/** Throws TemperError('interrupted') where the signal of the run fires. */
export async function choose(run: Run): Promise<Choice> {
  const { settings, clipped } = run;
  const examples = examplesFor(run);
  const tried: Trial[] = [];
  const source = await validate(run, clippedState(run, noClip), examples);

  const measured = async (trial: Omit<Trial, 'validation'>, state: HostTensors | undefined) => {
    const validation = state && (await validate(run, state, examples));
    tried.push({ ...trial, ...(validation && { validation }) });
    run.report({ kind: 'tried', trial: tried.at(-1)! });
    return merit(validation, source);
  };
  const clipping = async (clip: Clip) => {
    refuseInterrupted(run);
    return measured({ clip }, clippedState(run, clip));
  };
  const training = async (clip: Clip, learningRate: number) => {
    refuseInterrupted(run);
    return measured({ clip, learningRate }, await runTrial(run, clip, learningRate));
  };

  const chooses = settings.clip === 'auto' && clipped.length > 0;
  let clip = settings.clip === 'auto' ? noClip : settings.clip;
  if (chooses) clip = await bestOf(clipCandidates, clipping);
  const planned = settings.schedule.learningRate;
  if (planned === 'auto') {
    const learningRate = await climb(
      rates,
      rates.indexOf(findOptimizer(settings.optimizer).usualRate),
      (rate) => training(clip, rate),
    );
    if (chooses) {
      const kept = tried.find((trial) => trial.learningRate === learningRate)!;
      const known = merit(kept.validation, source);
      clip = await bestOf([clip, ...neighboursOf(clip)], (other) =>
        other === clip ? Promise.resolve(known) : training(other, learningRate),
      );
    }
    return { clip, learningRate, steps: trialSteps(run), examples: examples.length, tried };
  }
  return { clip, learningRate: planned, steps: 0, examples: examples.length, tried };
}

export function choiceWords({ clip, learningRate }: Choice): string {
  return `${clipWords(clip)}, learning rate ${learningRate}`;
}

function merit(validation: Validation | undefined, source: Validation): Merit {
  return validation ? meritOf(validation, source) : worst;
}

/** The first of the best. */
async function bestOf<T>(candidates: readonly T[], measure: (candidate: T) => Promise<Merit>): Promise<T> {
  let best: { candidate: T; merit: Merit } | undefined;
  for (const candidate of candidates) {
    const reached = await measure(candidate);
    if (!best || outdoes(reached, best.merit)) best = { candidate, merit: reached };
  }
  return best!.candidate;
}

/** From `start` on towards whichever side is better, until it is no more. */
async function climb(values: readonly number[], start: number, measure: (value: number) => Promise<Merit>) {
  let at = start;
  let reached = await measure(values[at]!);
  const walk = async (step: number) => {
    const before = at;
    while (values[at + step] !== undefined) {
      const next = await measure(values[at + step]!);
      if (!outdoes(next, reached)) break;
      [at, reached] = [at + step, next];
    }
    return at !== before;
  };
  if (!(await walk(1))) await walk(-1);
  return values[at]!;
}

/** A seeded share of the validation examples; without any, of those that are trained on. */
function examplesFor({ validation, feeds, settings }: Run): Uint32Array {
  const all = validation.length > 0 ? validation : feeds.train;
  if (all.length <= mostExamples) return all;
  const order = randomStream('finetune/choice', settings.seed).permutation(all.length);
  return order
    .slice(0, mostExamples)
    .sort()
    .map((position) => all[position]!);
}

function refuseInterrupted({ options }: Run): void {
  if (!options.signal?.aborted) return;
  throw new TemperError('interrupted', {
    what: 'fine-tuning interrupted while clip and learning rate were chosen',
    ...(options.checkpoint && { hint: 'the same command begins with the choice again' }),
  });
}
