/**
 * Fine-tuning, the whole flow: settings -> training program -> clip and learning rate chosen -> chunks of steps -> validation
 * after each epoch -> the result decided: the best epoch, between it and the source, clipping alone, or the source -> its
 * parameters in the source graph. Everything that happens in a step follows from (settings, step), so a run that is stopped and
 * resumed ends where an uninterrupted one ends, bit for bit.
 */
import { chooseCourse } from './choice/chooseCourse.js';
import { openProgress } from './progress/progress.js';
import { resultOf } from './result/result.js';
import { type FinetuneOptions, type FinetuneResult, openRun } from './run/run.js';
import { decideResult } from './training/decideResult.js';
import { train } from './training/train.js';
import { validateStart } from './training/validateStart.js';

/**
 * Throws TemperError: 'usage' and 'model' for what cannot be trained, 'model' too if training diverges, 'io' for the
 * checkpoint, 'interrupted' when `signal` fires (after writing a checkpoint, if there is a folder for it).
 */
export async function finetune(options: FinetuneOptions): Promise<FinetuneResult> {
  const run = await openRun(options);
  try {
    const progress = await openProgress(run);
    await validateStart(run, progress);
    const course = await chooseCourse(run, progress);
    await train(run, progress, course);
    await decideResult(run, progress);
    return resultOf(run, progress.history, progress.best);
  } finally {
    await run.release();
  }
}
