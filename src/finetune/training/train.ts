/** Chunks of steps, an epoch after the other, each validated: until the last step, or until nothing gets better. */
import type { Course } from '../course/feeds.js';
import { addSteps, type EpochRecord, type History, isBetter, meansOf } from '../history/history.js';
import { type RunProgress, refuseInterrupted, saveProgress, valuesOf } from '../progress/progress.js';
import { inGraph } from '../result/inGraph.js';
import type { Run } from '../run/run.js';
import { validate } from '../validation/validate.js';
import { withBestKept } from './diverged.js';
import { Divergence, refuseDivergence, refuseOverflow } from './refusals.js';

/** Throws TemperError('model') if training diverges, after handing out what was best before. */
export async function train(run: Run, progress: RunProgress, course: Course): Promise<void> {
  try {
    while (progress.step < run.totalSteps && !hasStalled(run, progress.history)) {
      await trainEpoch(run, progress, course);
      await finishEpoch(run, progress, course);
    }
  } catch (error) {
    if (!(error instanceof Divergence)) throw error;
    throw await withBestKept(error, run.options, progress.history, () => inGraph(run.options, progress.best));
  }
}

function hasStalled({ settings: { patience } }: Run, { records, best }: History): boolean {
  return patience > 0 && best !== undefined && records.length - 1 - best >= patience;
}

async function trainEpoch(run: Run, progress: RunProgress, course: Course): Promise<void> {
  const { stepsPerEpoch } = run.feeds;
  const end = (Math.floor(progress.step / stepsPerEpoch) + 1) * stepsPerEpoch;
  while (progress.step < end) {
    // Lets signal handlers and timers run: the engine blocks the event loop.
    await new Promise((resume) => setImmediate(resume));
    await refuseInterrupted(run, progress);
    const before = progress.step;
    await trainChunk(run, progress, course, Math.min(run.chunkSteps, end - before));
    const due = Math.floor(progress.step / run.checkpointSteps) > Math.floor(before / run.checkpointSteps);
    if (due && progress.step < end) await saveProgress(run, progress);
  }
}

/** Steps of one epoch in one call of the engine. */
async function trainChunk(run: Run, progress: RunProgress, course: Course, count: number): Promise<void> {
  const { stepsPerEpoch, stepOptions } = run.feeds;
  const { state, metrics } = await run.program.run(
    progress.state,
    run.feed(course, progress.step, count),
    `trained from step ${progress.step + 1} on`,
  );
  refuseDivergence(run, course, metrics.loss!, progress.step);
  progress.state = state;
  progress.history = { ...progress.history, running: addSteps(progress.history.running, metrics) };
  progress.step += count;
  run.report({
    kind: 'steps',
    step: progress.step,
    steps: run.totalSteps,
    epoch: Math.ceil(progress.step / stepsPerEpoch),
    ...meansOf(addSteps({}, metrics), count, stepOptions.batchSize),
    learningRate: course.rateAt(progress.step - 1),
  });
}

async function finishEpoch(run: Run, progress: RunProgress, course: Course): Promise<void> {
  const { feeds } = run;
  const { running, records, best } = progress.history;
  refuseOverflow(run, course, progress.step, progress.state);
  const validation =
    run.validation.length > 0 ? await validate(run, valuesOf(run, progress), run.validation) : undefined;
  const record: EpochRecord = {
    epoch: Math.round(progress.step / feeds.stepsPerEpoch),
    step: progress.step,
    learningRate: course.rateAt(progress.step - 1),
    strength: course.strengthAt(progress.step - 1),
    train: meansOf(running, feeds.stepsPerEpoch, feeds.stepOptions.batchSize),
    ...(validation && { validation }),
  };
  const better = isBetter(record, best === undefined ? undefined : records[best], progress.history);
  if (better) progress.best = valuesOf(run, progress);
  progress.history = {
    ...progress.history,
    running: {},
    records: [...records, record],
    ...(better ? { best: records.length } : best !== undefined && { best }),
  };
  await saveProgress(run, progress);
  run.report({ kind: 'epoch', record, best: better });
}
