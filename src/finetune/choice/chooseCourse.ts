/** The course that training follows, chosen first where the settings leave it open; the state then is clipped as chosen. */
import type { Course } from '../course/feeds.js';
import { type RunProgress, saveProgress } from '../progress/progress.js';
import type { Run } from '../run/run.js';
import { learningRateAt, noiseStrengthAt } from '../settings/schedules.js';
import { noClip } from '../step/clips.js';
import { validate } from '../validation/validate.js';
import { choose, leavesChoice } from './choose.js';
import { clippedNetwork, clippedState } from './start.js';

export async function chooseCourse(run: Run, progress: RunProgress): Promise<Course> {
  const { settings, totalSteps, validation } = run;
  const { clip, schedule } = settings;
  if (!progress.history.choice) {
    const fixed = clip === 'auto' ? noClip : clip;
    const given = { clip: fixed, alone: fixed, learningRate: Number(schedule.learningRate) };
    const choice = leavesChoice(run) ? await choose(run) : { ...given, steps: 0, examples: 0, tried: [] };
    progress.state = clippedState(run, choice.clip);
    progress.history = { ...progress.history, choice };
    if (choice.alone.multiple > 0 && validation.length > 0) {
      const clipped = await validate(run, clippedNetwork(run, choice.alone), validation);
      progress.history = { ...progress.history, clipped };
    }
    if (leavesChoice(run)) await saveProgress(run, progress);
  }
  const { choice, clipped } = progress.history;
  const { learningRate } = choice!;
  run.report({ kind: 'choice', step: progress.step, choice: choice!, ...(clipped && { clipped }) });
  return {
    rateAt: (step) => learningRateAt({ ...schedule, learningRate }, step, totalSteps),
    strengthAt: (step) => noiseStrengthAt(settings.ramp, step, totalSteps),
  };
}
