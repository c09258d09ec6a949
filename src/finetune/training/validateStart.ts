/** How the network does before the first step, so that a run that only does harm can be seen. */
import { type RunProgress, valuesOf } from '../progress/progress.js';
import type { Run } from '../run/run.js';
import { watchRows } from '../validation/probabilities.js';
import { programmedParameters, validate } from '../validation/validate.js';
import { refuseProbabilities } from './refusals.js';

export async function validateStart(run: Run, progress: RunProgress): Promise<void> {
  if (progress.step === 0 && progress.history.start === undefined) {
    const watch = watchRows(classesOf(run));
    const values = valuesOf(run, progress);
    if (run.validation.length > 0) {
      const start = await validate(run, values, run.validation, watch);
      progress.history = { ...progress.history, start };
    } else {
      const { train, stepOptions } = run.feeds;
      const few = train.subarray(0, stepOptions.batchSize);
      await run.measure(programmedParameters(run, values), few, { watch });
    }
    refuseProbabilities(run, watch);
  }
  run.report({
    kind: 'start',
    step: progress.step,
    steps: run.totalSteps,
    epochs: run.settings.epochs,
    examples: run.feeds.train.length,
    scope: run.scope,
    ...(progress.history.start && { validation: progress.history.start }),
    records: progress.history.records,
  });
}

/** Values in a row that cross-entropy takes for logits; 0 = none are. */
function classesOf({ feeds: { stepOptions } }: Run): number {
  const { targets, loss } = stepOptions.objective;
  return loss === 'cross-entropy' && 'classes' in targets ? targets.classes : 0;
}
