/**
 * Fine-tuning, the whole flow: settings -> training program -> chunks of steps -> validation after each epoch -> the best
 * epoch's parameters in the source graph. Everything that happens in a step follows from (settings, step), so a run that is
 * stopped and resumed ends where an uninterrupted one ends, bit for bit.
 */
import { TemperError } from '../errors.js';
import { nearestCodes } from '../network/grid.js';
import { loadCheckpoint, saveCheckpoint } from './checkpoint.js';
import {
  addSteps,
  type EpochRecord,
  emptyHistory,
  type History,
  harmNotes,
  isBetter,
  meansOf,
  type Validation,
} from './history.js';
import type { HostTensors } from './host.js';
import { withParameters } from './outcome.js';
import { type RowWatch, watchRows } from './probabilities.js';
import { refuseDivergence, refuseOverflow, refuseProbabilities } from './refusals.js';
import { type FinetuneOptions, type FinetuneResult, openRun, type Run } from './run.js';
import { learningRateAt, noiseStrengthAt } from './schedules.js';
import { networkValues, roundedValues } from './state.js';

interface Progress {
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
    while (now.step < run.totalSteps && !hasStalled(run, now.history)) {
      await trainEpoch(run, now);
      await finishEpoch(run, now);
    }
    return resultOf(run, now);
  } finally {
    await run.release();
  }
}

/** From the checkpoint, if there is one; else from the network as it came. */
async function startOf({ options, initialState }: Run): Promise<Progress> {
  const { checkpoint, network } = options;
  const tensors = { state: initialState, best: networkValues(network, initialState) };
  const saved = checkpoint && (await loadCheckpoint(checkpoint.folder, checkpoint.recipe, tensors));
  return saved
    ? { step: saved.step, state: saved.state, history: saved.history, best: saved.best }
    : { step: 0, state: initialState, history: emptyHistory, best: {} };
}

/** How the network does before the first step, so that a run that only does harm can be seen. */
async function validateStart(run: Run, now: Progress): Promise<void> {
  if (now.step === 0 && now.history.start === undefined) {
    const watch = watchRows(classesOf(run));
    if (run.validation.length > 0) {
      now.history = { ...now.history, start: await validate(run, now.state, watch) };
    } else {
      const { train, stepOptions } = run.feeds;
      const few = train.subarray(0, stepOptions.batchSize);
      await run.measure(parametersOf(run, now.state), few, watch);
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

async function trainEpoch(run: Run, now: Progress): Promise<void> {
  const { stepsPerEpoch } = run.feeds;
  const end = (Math.floor(now.step / stepsPerEpoch) + 1) * stepsPerEpoch;
  while (now.step < end) {
    // Lets signal handlers and timers run: the engine blocks the event loop.
    await new Promise((resume) => setImmediate(resume));
    if (run.options.signal?.aborted) await interrupt(run, now);
    const count = Math.min(run.chunkSteps, end - now.step);
    const { state, metrics } = await run.program.run(now.state, run.feed(now.step, count));
    refuseDivergence(run, metrics.loss!, now.step);
    now.state = state;
    now.history = { ...now.history, running: addSteps(now.history.running, metrics) };
    now.step += count;
    run.report({
      kind: 'steps',
      step: now.step,
      steps: run.totalSteps,
      epoch: Math.ceil(now.step / stepsPerEpoch),
      ...meansOf(addSteps({}, metrics), count, run.feeds.stepOptions.batchSize),
      learningRate: learningRateAt(run.settings.schedule, now.step - 1, run.totalSteps),
    });
    const due =
      Math.floor(now.step / run.checkpointSteps) > Math.floor((now.step - count) / run.checkpointSteps);
    if (due && now.step < end) await save(run, now);
  }
}

async function finishEpoch(run: Run, now: Progress): Promise<void> {
  const { settings, totalSteps, feeds } = run;
  const { running, records } = now.history;
  refuseOverflow(run, now.step, now.state);
  const validation = run.validation.length > 0 ? await validate(run, now.state) : undefined;
  const record: EpochRecord = {
    epoch: Math.round(now.step / feeds.stepsPerEpoch),
    step: now.step,
    learningRate: learningRateAt(settings.schedule, now.step - 1, totalSteps),
    strength: noiseStrengthAt(settings.ramp, now.step - 1, totalSteps),
    train: meansOf(running, feeds.stepsPerEpoch, feeds.stepOptions.batchSize),
    ...(validation && { validation }),
  };
  const { best } = now.history;
  const better = isBetter(record, best === undefined ? undefined : records[best]);
  if (better) now.best = networkValues(run.options.network, now.state);
  now.history = {
    ...now.history,
    running: {},
    records: [...records, record],
    ...(better ? { best: records.length } : best !== undefined && { best }),
  };
  await save(run, now);
  run.report({ kind: 'epoch', record, best: better });
}

/** What the network is judged with. */
function parametersOf({ options: { network } }: Run, state: HostTensors): HostTensors {
  return roundedValues(network, networkValues(network, state));
}

/** Accuracy without noise, and with the validation examples spread over the validation chips. */
async function validate(run: Run, state: HostTensors, watch?: RowWatch): Promise<Validation> {
  const parameters = parametersOf(run, state);
  const clean = await run.measure(parameters, run.validation, watch);
  if (!run.chips) return { clean };
  const chips = Math.min(run.settings.validationChips, run.validation.length);
  const sums = { loss: 0, accuracy: 0, top5: 0 };
  for (let chip = 0; chip < chips; chip++) {
    const share = run.validation.filter((_, position) => position % chips === chip);
    const measured = await run.measure(await run.chips.program(parameters, chip), share);
    for (const key of ['loss', 'accuracy', 'top5'] as const) sums[key] += (measured[key] ?? 0) * share.length;
  }
  const mean = (key: keyof typeof sums) =>
    clean[key] !== undefined && { [key]: sums[key] / run.validation.length };
  return { clean, noisy: { loss: sums.loss / run.validation.length, ...mean('accuracy'), ...mean('top5') } };
}

function hasStalled({ settings: { patience } }: Run, { records, best }: History): boolean {
  return patience > 0 && best !== undefined && records.length - 1 - best >= patience;
}

async function save(
  { options: { checkpoint } }: Run,
  { step, history, state, best }: Progress,
): Promise<void> {
  if (checkpoint)
    await saveCheckpoint(checkpoint.folder, { recipe: checkpoint.recipe, step, history, state, best });
}

async function interrupt(run: Run, now: Progress): Promise<never> {
  await save(run, now);
  throw new TemperError('interrupted', {
    what: `fine-tuning interrupted after step ${now.step} of ${run.totalSteps}`,
    ...(run.options.checkpoint && { hint: 'the same command resumes it' }),
  });
}

function resultOf({ options, settings, scope, notes }: Run, now: Progress): FinetuneResult {
  const trained = Object.entries(now.best).map(([name, { dims, data }]) => {
    const values = data as Float32Array;
    const grid = options.network.parameters.get(name)?.grid;
    // What a QuantizeLinear rounds is stored unrounded.
    return [name, grid && !grid.quantized ? nearestCodes(values, dims, grid) : values] as const;
  });
  return {
    model: withParameters(options.model, new Map(trained)),
    settings,
    history: now.history,
    scope,
    notes: [...notes, ...harmNotes(now.history)],
  };
}
