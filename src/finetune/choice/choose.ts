/**
 * Before training: how far weights are clipped and how fast they are trained, chosen on the validation split under the noise of
 * the device. First clips alone, without training; then short trials, each a small run with its own course of the learning
 * rate: over rates at the best clip, over the neighbours of that clip at the best rate. (Our own way; a range test as in
 * Smith, WACV 2017, tells where training diverges, which under noise says little about where it ends.)
 */
import { TemperError } from '../../errors.js';
import type { Choice, CourseTrial, Validation } from '../history/history.js';
import { findOptimizer } from '../optimizers/index.js';
import type { Run } from '../run/run.js';
import { type Clip, clipCandidates, clipWords, neighboursOf, noClip } from '../step/clips.js';
import type { HostTensors } from '../step/host.js';
import { networkValues } from '../step/state.js';
import { isWithin, type Merit, meritOf, outdoes } from '../validation/merit.js';
import { validate } from '../validation/validate.js';
import { examplesFor } from './examples.js';
import { clippedNetwork } from './start.js';
import { runTrial, trialSteps } from './trial.js';

/** Times the usual rate of the optimizer; the lowest first, which is taken where all diverge. */
const rates = [0.03, 0.1, 0.3, 1, 3];
const worst: Merit = { accuracy: Number.NEGATIVE_INFINITY, loss: Number.NEGATIVE_INFINITY };

/** Whether anything is left to choose. */
export function leavesChoice({ settings, clipped }: Run): boolean {
  return (settings.clip === 'auto' && clipped.length > 0) || settings.schedule.learningRate === 'auto';
}

/** Throws TemperError('interrupted') where the signal of the run fires. */
export async function choose(run: Run): Promise<Choice> {
  const { settings, clipped } = run;
  const examples = examplesFor(run);
  const tried: CourseTrial[] = [];
  const source = await validate(run, clippedNetwork(run, noClip), examples);

  const measured = async (trial: Omit<CourseTrial, 'validation'>, values: HostTensors | undefined) => {
    const validation = values && (await validate(run, values, examples));
    tried.push({ ...trial, ...(validation && { validation }) });
    run.report({ kind: 'tried', trial: tried.at(-1)! });
    return validation;
  };
  const clipping = async (clip: Clip) => {
    refuseInterrupted(run);
    return (await measured({ clip }, clippedNetwork(run, clip)))!;
  };
  const training = async (clip: Clip, learningRate: number) => {
    refuseInterrupted(run);
    const state = await runTrial(run, clip, learningRate);
    return measured({ clip, learningRate }, state && networkValues(run.options.network, state));
  };

  const chooses = settings.clip === 'auto' && clipped.length > 0;
  let clip = settings.clip === 'auto' ? noClip : settings.clip;
  if (chooses) clip = await clipAlone(source, settings.cleanDrop, clipping);
  const alone = clip;
  const given = settings.schedule.learningRate;
  if (given !== 'auto')
    return { clip, alone, learningRate: given, steps: 0, examples: examples.length, tried };
  const reached: Reached[] = [];
  for (const times of rates) {
    const rate = Number((times * findOptimizer(settings.optimizer).usualRate).toPrecision(3));
    reached.push({ rate, validation: await training(clip, rate) });
  }
  const learningRate = promising(reached, examples.length);
  if (chooses) {
    const known = reached.find(({ rate }) => rate === learningRate)!.validation;
    clip = await bestOf([clip, ...neighboursOf(clip)], async (other) =>
      merit(other === clip ? known : await training(other, learningRate), source),
    );
  }
  return { clip, alone, learningRate, steps: trialSteps(run), examples: examples.length, tried };
}

export function choiceWords({ clip, learningRate }: Choice): string {
  return `${clipWords(clip)}, learning rate ${learningRate}`;
}

function merit(validation: Validation | undefined, source?: Validation): Merit {
  return validation ? meritOf(validation, source) : worst;
}

/** A clip that costs this much more than the best one: a tighter one costs more still. */
const hopeless = 0.2;

/** The best clip without training that loses no more without noise than it may, each kind tightened until it ruins the network. */
async function clipAlone(
  source: Validation,
  cleanDrop: number,
  measure: (clip: Clip) => Promise<Validation>,
): Promise<Clip> {
  let best = { clip: noClip, merit: merit(source, source) };
  for (const candidates of clipCandidates) {
    for (const clip of candidates) {
      const validation = await measure(clip);
      const reached = merit(validation, source);
      if (reached.accuracy < best.merit.accuracy - hopeless) break;
      if (isWithin(validation, source, cleanDrop) && outdoes(reached, best.merit))
        best = { clip, merit: reached };
    }
  }
  return best.clip;
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

interface Reached {
  readonly rate: number;
  /** Undefined where training diverged. */
  readonly validation: Validation | undefined;
}

/**
 * The rate with the least loss under noise among those whose accuracy there comes within two standard errors of the best.
 * Accuracy alone takes the most timid one: a trial is so short that it shows what training harms before what it gains, and the
 * loss falls first. For the same reason accuracy without noise does not count here; it does for the clip and for the result.
 */
function promising(reached: readonly Reached[], examples: number): number {
  const merits = reached.map(({ rate, validation }) => ({ rate, merit: merit(validation) }));
  const best = Math.max(...merits.map(({ merit }) => merit.accuracy));
  const error = Math.sqrt((best * Math.max(0, 1 - best)) / examples) || 0;
  const near = merits.filter(({ merit }) => merit.accuracy >= best - 2 * error);
  return near.reduce((a, b) => (b.merit.loss > a.merit.loss ? b : a)).rate;
}

function refuseInterrupted({ options }: Run): void {
  if (!options.signal?.aborted) return;
  throw new TemperError('interrupted', {
    what: 'fine-tuning interrupted while clip and learning rate were chosen',
    ...(options.checkpoint && { hint: 'the same command begins with the choice again' }),
  });
}
