/** What the result is, decided once: the decision is in the checkpoint. */
import { decide, leavesDecision } from '../choice/result.js';
import { type RunProgress, saveProgress } from '../progress/progress.js';
import type { Run } from '../run/run.js';
import { programmedParameters } from '../validation/validate.js';
import { divergedAtLast } from './refusals.js';

export async function decideResult(run: Run, progress: RunProgress): Promise<void> {
  if (run.validation.length === 0) await refuseNoNumbers(run, progress);
  if (!leavesDecision(run, progress.history)) return;
  const known = progress.history.decision;
  const decision = known ?? (await decide(run, progress.history, progress.best));
  progress.history = { ...progress.history, decision };
  if (!known) await saveProgress(run, progress);
  run.report({ kind: 'decision', step: progress.step, decision });
}

/** Without a validation split nobody has looked at what the last step made. */
async function refuseNoNumbers(run: Run, { best }: RunProgress): Promise<void> {
  const { train, stepOptions } = run.feeds;
  const few = train.subarray(0, stepOptions.batchSize);
  const { loss } = await run.measure(programmedParameters(run, best), few);
  if (!Number.isFinite(loss)) throw divergedAtLast(run, loss);
}
