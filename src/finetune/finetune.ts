/**
 * Fine-tuning, the whole flow: settings -> training program -> clip and learning rate chosen -> chunks of steps -> validation
 * after each epoch -> the result decided: the best epoch, between it and the source, clipping alone, or the source -> its
 * parameters in the source graph. Everything that happens in a step follows from (settings, step), so a run that is stopped and
 * resumed ends where an uninterrupted one ends, bit for bit.
 */
import { TemperError } from '../errors.js';
import { nearestCodes } from '../network/grid.js';
import type { Network } from '../network/network.js';
import type { Model } from '../onnx/model.js';
import { loadCheckpoint, saveCheckpoint } from './checkpoint/checkpoint.js';
import { choose, leavesChoice } from './choice/choose.js';
import { decide, leavesDecision, resultValues } from './choice/result.js';
import { clippedNetwork, clippedState } from './choice/start.js';
import type { Course } from './course/feeds.js';
import { learningRateAt, noiseStrengthAt } from './course/schedules.js';
import { clipNotes, fewNotes } from './run/choiceNotes.js';
import { withBestKept } from './run/diverged.js';
import {
  addSteps,
  type EpochRecord,
  emptyHistory,
  type History,
  isBetter,
  meansOf,
  originOf,
} from './run/history.js';
import {
  Divergence,
  divergedAtLast,
  refuseDivergence,
  refuseOverflow,
  refuseProbabilities,
} from './run/refusals.js';
import { resultNotes } from './run/resultNotes.js';
import { type FinetuneOptions, type FinetuneResult, openRun, type Run } from './run/run.js';
import { noClip } from './step/clips.js';
import type { HostTensors } from './step/host.js';
import { networkValues } from './step/state.js';
import { withParameters } from './validation/outcome.js';
import { watchRows } from './validation/probabilities.js';
import { judgedParameters, validate } from './validation/validate.js';

interface TrainingProgress {
  step: number;
  state: HostTensors;
  history: History;
  best: HostTensors;
}

/**
 * Throws TemperError: 'usage' and 'model' for what cannot be trained, 'model' too if training diverges, 'io' for the
 * checkpoint, 'interrupted' when `signal` fires (after writing a checkpoint, if there is a folder for it).
 */
export async function finetune(options: FinetuneOptions): Promise<FinetuneResult> {
  const run = await openRun(options);
  try {
    const now = await startOf(run);
    await validateStart(run, now);
    const course = await chooseCourse(run, now);
    await trainEpochs(run, now, course).catch(async (error: unknown) => {
      if (!(error instanceof Divergence)) throw error;
      throw await withBestKept(error, run.options, now.history, () => inGraph(run, now.best));
    });
    await decideResult(run, now);
    return resultOf(run, now);
  } finally {
    await run.release();
  }
}

/** From the checkpoint, if there is one; else from the network as it came. */
async function startOf(run: Run): Promise<TrainingProgress> {
  const { options, initialState } = run;
  const { checkpoint, network } = options;
  const best = networkValues(network, initialState);
  const expected = { state: initialState, best, steps: run.totalSteps };
  const tell = (text: string) => run.report({ kind: 'remark', text });
  const saved = checkpoint && (await loadCheckpoint(checkpoint.folder, checkpoint.recipe, expected, tell));
  return saved
    ? { step: saved.step, state: saved.state, history: saved.history, best: saved.best }
    : { step: 0, state: initialState, history: emptyHistory, best: {} };
}

/** How the network does before the first step, so that a run that only does harm can be seen. */
async function validateStart(run: Run, now: TrainingProgress): Promise<void> {
  if (now.step === 0 && now.history.start === undefined) {
    const watch = watchRows(classesOf(run));
    if (run.validation.length > 0) {
      now.history = { ...now.history, start: await validate(run, valuesOf(run, now), run.validation, watch) };
    } else {
      const { train, stepOptions } = run.feeds;
      const few = train.subarray(0, stepOptions.batchSize);
      await run.measure(judgedParameters(run, valuesOf(run, now)), few, { watch });
    }
    refuseProbabilities(run, watch);
  }
  run.report({
    kind: 'start',
    step: now.step,
    steps: run.totalSteps,
    epochs: run.settings.epochs,
    examples: run.feeds.train.length,
    scope: run.scope,
    ...(now.history.start && { validation: now.history.start }),
    records: now.history.records,
  });
}

/** Values in a row that cross-entropy takes for logits; 0 = none are. */
function classesOf({ feeds: { stepOptions } }: Run): number {
  const { targets, loss } = stepOptions.objective;
  return loss === 'cross-entropy' && 'classes' in targets ? targets.classes : 0;
}

/** The course that training follows, chosen first where the settings leave it open; the state then is clipped as chosen. */
async function chooseCourse(run: Run, now: TrainingProgress): Promise<Course> {
  const { settings, totalSteps, validation } = run;
  const { clip, schedule } = settings;
  if (!now.history.choice) {
    const fixed = clip === 'auto' ? noClip : clip;
    const given = { clip: fixed, alone: fixed, learningRate: Number(schedule.learningRate) };
    const choice = leavesChoice(run) ? await choose(run) : { ...given, steps: 0, examples: 0, tried: [] };
    now.state = clippedState(run, choice.clip);
    now.history = { ...now.history, choice };
    if (choice.alone.multiple > 0 && validation.length > 0) {
      const clipped = await validate(run, clippedNetwork(run, choice.alone), validation);
      now.history = { ...now.history, clipped };
    }
    if (leavesChoice(run)) await save(run, now);
  }
  const { choice, clipped } = now.history;
  const { learningRate } = choice!;
  run.report({ kind: 'choice', step: now.step, choice: choice!, ...(clipped && { clipped }) });
  return {
    rateAt: (step) => learningRateAt({ ...schedule, learningRate }, step, totalSteps),
    strengthAt: (step) => noiseStrengthAt(settings.ramp, step, totalSteps),
  };
}

async function trainEpochs(run: Run, now: TrainingProgress, course: Course): Promise<void> {
  while (now.step < run.totalSteps && !hasStalled(run, now.history)) {
    await trainEpoch(run, now, course);
    await finishEpoch(run, now, course);
  }
}

async function trainEpoch(run: Run, now: TrainingProgress, course: Course): Promise<void> {
  const { stepsPerEpoch } = run.feeds;
  const end = (Math.floor(now.step / stepsPerEpoch) + 1) * stepsPerEpoch;
  while (now.step < end) {
    // Lets signal handlers and timers run: the engine blocks the event loop.
    await new Promise((resume) => setImmediate(resume));
    if (run.options.signal?.aborted) await interrupt(run, now);
    const count = Math.min(run.chunkSteps, end - now.step);
    const { state, metrics } = await run.program.run(
      now.state,
      run.feed(course, now.step, count),
      `trained from step ${now.step + 1} on`,
    );
    refuseDivergence(run, course, metrics.loss!, now.step);
    now.state = state;
    now.history = { ...now.history, running: addSteps(now.history.running, metrics) };
    now.step += count;
    run.report({
      kind: 'steps',
      step: now.step,
      steps: run.totalSteps,
      epoch: Math.ceil(now.step / stepsPerEpoch),
      ...meansOf(addSteps({}, metrics), count, run.feeds.stepOptions.batchSize),
      learningRate: course.rateAt(now.step - 1),
    });
    const due =
      Math.floor(now.step / run.checkpointSteps) > Math.floor((now.step - count) / run.checkpointSteps);
    if (due && now.step < end) await save(run, now);
  }
}

async function finishEpoch(run: Run, now: TrainingProgress, course: Course): Promise<void> {
  const { feeds } = run;
  const { running, records } = now.history;
  refuseOverflow(run, course, now.step, now.state);
  const validation =
    run.validation.length > 0 ? await validate(run, valuesOf(run, now), run.validation) : undefined;
  const record: EpochRecord = {
    epoch: Math.round(now.step / feeds.stepsPerEpoch),
    step: now.step,
    learningRate: course.rateAt(now.step - 1),
    strength: course.strengthAt(now.step - 1),
    train: meansOf(running, feeds.stepsPerEpoch, feeds.stepOptions.batchSize),
    ...(validation && { validation }),
  };
  const { best } = now.history;
  const better = isBetter(record, best === undefined ? undefined : records[best], now.history);
  if (better) now.best = valuesOf(run, now);
  now.history = {
    ...now.history,
    running: {},
    records: [...records, record],
    ...(better ? { best: records.length } : best !== undefined && { best }),
  };
  await save(run, now);
  run.report({ kind: 'epoch', record, best: better });
}

async function decideResult(run: Run, now: TrainingProgress): Promise<void> {
  if (run.validation.length === 0) await refuseNoNumbers(run, now);
  if (!leavesDecision(run, now.history)) return;
  const known = now.history.decision;
  const decision = known ?? (await decide(run, now.history, now.best));
  now.history = { ...now.history, decision };
  if (!known) await save(run, now);
  run.report({ kind: 'decision', step: now.step, decision });
}

/** Without a validation split nobody has looked at what the last step made. */
async function refuseNoNumbers(run: Run, now: TrainingProgress): Promise<void> {
  const { train, stepOptions } = run.feeds;
  const few = train.subarray(0, stepOptions.batchSize);
  const { loss } = await run.measure(judgedParameters(run, now.best), few);
  if (!Number.isFinite(loss)) throw divergedAtLast(run, loss);
}

function valuesOf({ options: { network } }: Run, { state }: TrainingProgress): HostTensors {
  return networkValues(network, state);
}

function hasStalled({ settings: { patience } }: Run, { records, best }: History): boolean {
  return patience > 0 && best !== undefined && records.length - 1 - best >= patience;
}

async function save(
  { options: { checkpoint } }: Run,
  { step, history, state, best }: TrainingProgress,
): Promise<void> {
  if (checkpoint)
    await saveCheckpoint(checkpoint.folder, { recipe: checkpoint.recipe, step, history, state, best });
}

async function interrupt(run: Run, now: TrainingProgress): Promise<never> {
  await save(run, now);
  throw new TemperError('interrupted', {
    what: `fine-tuning interrupted after step ${now.step} of ${run.totalSteps}`,
    ...(run.options.checkpoint && { hint: 'the same command resumes it' }),
  });
}

function resultOf(run: Run, now: TrainingProgress): FinetuneResult {
  const { options, settings, notes } = run;
  const { history } = now;
  const { model } = options;
  const clipped = inGraph(run, clippedNetwork(run, history.choice!.alone));
  const origin = originOf(history);
  const best = {
    epoch: () => inGraph(run, now.best),
    interpolated: () => inGraph(run, resultValues(run, history.decision!.trained!, now.best)),
    clipped: () => clipped,
    source: () => model,
  };
  return {
    model: best[origin](),
    origin,
    clipped,
    settings,
    history,
    scope: run.scope,
    notes: [...notes, ...fewNotes(run), ...clipNotes(run, history, origin), ...resultNotes(history)],
  };
}

function inGraph({ options: { model, network } }: Run, values: HostTensors): Model {
  return withParameters(model, stored(network, values));
}

/** Parameters as the file stores them. What a QuantizeLinear rounds is stored unrounded. */
function stored(network: Network, parameters: HostTensors): Map<string, Float32Array | Int32Array> {
  const entries = Object.entries(parameters).map(([name, { dims, data }]) => {
    const values = data as Float32Array;
    const grid = network.parameters.get(name)?.grid;
    return [name, grid && !grid.quantized ? nearestCodes(values, dims, grid) : values] as const;
  });
  return new Map(entries);
}
