/**
 * Before the first step: which parameters does the loss move at all? One backward pass on each of two mini-batches, on the
 * engine that will train: the first at the clean weights, the second at those that the method perturbs at full strength.
 */
import { type EngineName, openStep, type Step } from '../../compile/index.js';
import { TemperError } from '../../errors.js';
import { type FeedOptions, feedSteps } from '../course/feeds.js';
import { answerSpec } from '../step/objective.js';
import { rolesOf } from '../step/state.js';
import { stepGradients } from '../step/stepFunction.js';
import { groupedBatch, groupedConstants, groupedState } from '../step/stepState.js';
import { makeTrainStep, type TrainStepOptions } from '../step/trainStep.js';

export interface GradientCheck {
  /** Parameters from which no way leads to the loss. */
  readonly unreached: ReadonlySet<string>;
  /** Parameters from which one does, and whose gradients were zero in every element on both mini-batches. */
  readonly silent: ReadonlySet<string>;
  /** Whether the loss itself was zero on both: then gradients are zero too, and say nothing. */
  readonly lossless: boolean;
}

interface GradientSums {
  readonly loss: number;
  /** Sums of the magnitudes of gradients, by parameter: zero only if every element is. */
  readonly sums: ReadonlyMap<string, number>;
}

/** Throws TemperError('model') if no gradient reaches anything, or if gradients are no numbers to begin with. */
export async function checkGradients(
  feeds: FeedOptions,
  engine: { engine: EngineName; threads?: number },
): Promise<GradientCheck> {
  const passes = await measure(feeds, engine);
  const clean = passes[0].sums;
  const { network, batchNorm } = feeds.stepOptions;
  const names = rolesOf(network, { batchNorm, clips: false }).trained.map(({ name }) => name);
  const broken = names.filter((name) => clean.has(name) && !Number.isFinite(clean.get(name)));
  if (broken.length > 0) {
    throw new TemperError('model', {
      what: `before the first step the gradients of ${shown(broken)} are not finite`,
      hint: 'the outputs of the model are NaN or infinite, or too large for their loss: check --mean and --std, and the values of the model',
    });
  }
  const unreached = names.filter((name) => !clean.has(name));
  const lossless = passes.every(({ loss }) => loss === 0);
  const silent = lossless ? [] : names.filter((name) => passes.every(({ sums }) => sums.get(name) === 0));
  if (unreached.length + silent.length === names.length) {
    throw new TemperError('model', {
      what: `no parameter would be trained: on two mini-batches the gradients of all ${names.length} tensors were zero (${shown(names)})`,
      hint: 'an operator on the way to the outputs stops them (temper inspect lists those without a gradient), or every unit is dead',
    });
  }
  return { unreached: new Set(unreached), silent: new Set(silent), lossless };
}

async function measure(
  feeds: FeedOptions,
  { engine, threads }: { engine: EngineName; threads?: number },
): Promise<[GradientSums, GradientSums]> {
  const options = withoutMemory(feeds.stepOptions);
  const { specs, runs, initialState } = makeTrainStep(options);
  const gradients = stepGradients(options, rolesOf(options.network, options));
  const { name: answer } = answerSpec(options.objective, options.batchSize);
  const step: Step = (state, batch, constants) => {
    const found = gradients(
      groupedState(state, []),
      groupedBatch(batch, answer),
      groupedConstants(constants),
    );
    const sums = Object.entries(found.gradients).map(([name, slope]) => [`sum/${name}`, slope.abs().sum()]);
    return { state, metrics: { loss: found.loss, ...Object.fromEntries(sums) } };
  };
  const program = await openStep(step, specs, {
    engine,
    layout: 'plain',
    ...(threads !== undefined && { threads }),
  });
  try {
    const measured: GradientSums[] = [];
    for (const strength of [0, 1]) {
      const at = Math.min(strength, feeds.settings.epochs * feeds.stepsPerEpoch - 1);
      const course = { rateAt: () => 0, strengthAt: () => strength };
      const fed = feedSteps({ ...feeds, stepOptions: options, runs }, course, at, 1);
      const { metrics } = await program.run(initialState, fed);
      const { loss, ...sums } = metrics;
      const entries = Object.entries(sums).map(
        ([name, values]) => [name.slice('sum/'.length), values[0]!] as const,
      );
      measured.push({ loss: loss![0]!, sums: new Map(entries) });
    }
    return measured as [GradientSums, GradientSums];
  } finally {
    await program.release();
  }
}

/** The step without what it carries along for the updates. */
function withoutMemory(options: TrainStepOptions): TrainStepOptions {
  return { ...options, optimizer: { ...options.optimizer, slots: [] }, clips: false };
}

function shown(names: readonly string[]): string {
  const first = names.slice(0, 5).map((name) => `"${name}"`);
  return first.join(', ') + (names.length > first.length ? `, ${names.length - first.length} more` : '');
}
