/** A trial: a few steps of training at full noise, the learning rate falling along a cosine to zero, as in a small run. */
import type { Course } from '../course/feeds.js';
import type { Run } from '../run/run.js';
import { learningRateAt } from '../settings/schedules.js';
import type { Clip } from '../step/clips.js';
import type { HostTensors } from '../step/host.js';
import { clippedState } from './start.js';

/** A twelfth of the run, within limits. */
export function trialSteps({ totalSteps }: Run): number {
  return Math.min(totalSteps, Math.max(24, Math.min(96, Math.round(totalSteps / 12))));
}

/** The state after the trial; undefined if it diverged. */
export async function runTrial(run: Run, clip: Clip, learningRate: number): Promise<HostTensors | undefined> {
  const { schedule } = run.settings;
  const steps = trialSteps(run);
  const rising = { ...schedule, name: 'cosine' as const, learningRate };
  const course: Course = { rateAt: (step) => learningRateAt(rising, step, steps), strengthAt: () => 1 };
  const { stepsPerEpoch } = run.feeds;
  let state = clippedState(run, clip);
  for (let step = 0; step < steps; ) {
    // Lets signal handlers and timers run: the engine blocks the event loop.
    await new Promise((resume) => setImmediate(resume));
    const count = Math.min(run.chunkSteps, steps - step, stepsPerEpoch - (step % stepsPerEpoch));
    const { state: next, metrics } = await run.program.run(state, run.feed(course, step, count));
    if (!metrics.loss!.every(Number.isFinite)) return undefined;
    state = next;
    step += count;
  }
  return state;
}
