/**
 * The training step itself, in tfjs, traced once and run by any engine. For weights w and a mini-batch:
 *   w~ = perturb(w)             a chip of the device or a step up the gradient (methods/), or w itself
 *   g  = dL(w~) / dw~           the gradient there ...
 *   w <- limit(update(w, g))    ... is applied to the clean weights (optimizers/), which stay within their bounds (choice/clips.ts)
 * Weights that the file stores as codes are rounded to them first, straight through (arXiv:1308.3432): codes are what is
 * programmed, and what a chip makes of them is never rounded again.
 */
import * as tf from '@tensorflow/tfjs';
import { type Step, type Tensors, takeRun } from '../../compile/index.js';
import { rangeOf } from '../../devices/ranges.js';
import { TemperError } from '../../errors.js';
import { oneChannel } from '../../mapping/channels.js';
import { rounded, withinRange } from '../../network/grid.js';
import type { Parameter } from '../../network/network.js';
import { differentiate, type Scaled } from './gradients.js';
import { answerSpec, compare } from './objective.js';
import { onceReached } from './reached.js';
import type { Roles } from './state.js';
import {
  flatState,
  groupedBatch,
  groupedConstants,
  groupedState,
  mapNamed,
  type Named,
  named,
  type StepBatch,
  type StepConstants,
  type StepState,
  tensorOf,
} from './stepState.js';
import type { TrainStepOptions } from './trainStep.js';

type TracedState = StepState<tf.Tensor>;
type TracedBatch = StepBatch<tf.Tensor>;
type TracedConstants = StepConstants<tf.Tensor>;

/** The step as the engine takes it: flat names in, flat names out. */
export function stepFunction(options: TrainStepOptions, roles: Roles): Step {
  const { slots } = options.optimizer;
  const { name: answer } = answerSpec(options.objective, options.batchSize);
  const step = trainingStep(options, roles);
  return (state, batch, constants) => {
    const { next, metrics } = step(
      groupedState(state, slots),
      groupedBatch(batch, answer),
      groupedConstants(constants),
    );
    return { state: flatState(next), metrics };
  };
}

function trainingStep(options: TrainStepOptions, roles: Roles) {
  const { optimizer } = options;
  const gradients = stepGradients(options, roles);
  return (
    state: TracedState,
    batch: TracedBatch,
    constants: TracedConstants,
  ): { next: TracedState; metrics: Tensors } => {
    const scale = optimizer.scalesGradient ? batch.scalars.learningRate : undefined;
    const found = gradients(state, batch, constants, scale as tf.Scalar | undefined);
    refuseStrays(found.statistics, state.statistics);
    const updated = update(options, roles, found, state, batch.scalars);
    const parameters = { ...updated.parameters, ...limited(updated.parameters, state.bounds) };
    const statistics = mapNamed(state.statistics, (running, name) => found.statistics[name] ?? running);
    const next = { ...state, ...updated, parameters, statistics };
    return { next: onceReached(roles, next, state, found), metrics: { loss: found.loss, ...found.counts } };
  };
}

/** Loss and gradients of a mini-batch at the weights that the method chooses; gradients times `scale`. */
export function stepGradients(
  options: TrainStepOptions,
  roles: Roles,
): (state: TracedState, batch: TracedBatch, constants: TracedConstants, scale?: tf.Scalar) => Scaled {
  const { method } = options;
  const crossbar = roles.trained.filter((parameter) => parameter.crossbar);
  return (state, batch, constants, scale) => {
    const pass = (weights: Tensors, scale?: tf.Scalar) =>
      differentiate(
        (at) => forward(options, { ...constants.fixed, ...state.statistics, ...at }, batch),
        weights,
        scale,
      );

    const stored = asStored(roles.trained, state.parameters);
    const weights = named(crossbar.map(({ name }) => [name, tensorOf(stored, name)]));
    const perturbed = method.perturb({
      weights,
      strength: batch.strength as tf.Scalar,
      flags: batch.flags as Named<tf.Scalar>,
      programmed: () => programmed(options, weights, batch, constants),
      gradients: () => pass(stored).gradients,
    });
    return pass({ ...stored, ...perturbed }, scale);
  };
}

/** The parameters, those on a grid rounded to it. */
function asStored(parameters: readonly Parameter[], clean: Named<tf.Tensor>): Tensors {
  return named(
    parameters.map(({ name, grid }) => {
      const value = tensorOf(clean, name);
      return [name, grid ? rounded(value, grid) : value];
    }),
  );
}

/** A statistic that is no parameter of its own would be updated for nothing, and the model keep the old one. */
function refuseStrays(followed: Tensors, statistics: Named<tf.Tensor>): void {
  const strays = Object.keys(followed).filter((name) => !(name in statistics));
  if (strays.length === 0) return;
  throw new TemperError(
    'model',
    strays.map((name) => ({
      what: `"${name}" is a running statistic, but nothing that training could write it back to`,
      hint: 'train with frozen batch normalization',
    })),
  );
}

/** Loss over the batch, counts, and the running statistics after it. */
function forward(
  { network, objective, batchNorm }: TrainStepOptions,
  parameters: Tensors,
  batch: TracedBatch,
) {
  const [input] = network.inputs;
  if (!input) throw new Error('a network that is trained has an input');
  const training = batchNorm === 'trained';
  const fetch = network.outputs.includes(objective.value) ? [] : [objective.value];
  const result = network.forward(parameters, { [input.name]: batch.examples }, { training, fetch });
  const value = tensorOf({ ...result.fetched, ...result.outputs }, objective.value);
  return {
    ...compare(objective, value, batch.answers),
    statistics: training ? result.statistics : {},
  };
}

/** The weights on a new chip: each tensor with a run of the pool of its own. */
function programmed(
  { device, channels }: TrainStepOptions,
  weights: Tensors,
  { offsets, strength }: TracedBatch,
  { pool }: TracedConstants,
): Tensors {
  if (!device) throw new Error('a method that samples needs a device');
  return mapNamed(weights, (weight, name) => {
    if (!pool) throw new Error('a weight that is perturbed needs a pool of noise');
    const shape = device.noiseCount === 1 ? weight.shape : [device.noiseCount, ...weight.shape];
    const noise = takeRun(pool as tf.Tensor1D, tensorOf(offsets, name), shape);
    const range = rangeOf(device, weight, channels?.(name) ?? oneChannel);
    return device.program(weight, noise, strength as tf.Scalar, range);
  });
}

/** The next values of the trained parameters and their slots. */
function update(
  { optimizer, decayOn, axes }: TrainStepOptions,
  { trained }: Roles,
  { gradients }: Scaled,
  state: TracedState,
  scalars: TracedBatch['scalars'],
): Pick<TracedState, 'parameters' | 'slots'> {
  const updated = trained.map(({ name, role, grid }) => {
    const parameter = tensorOf(state.parameters, name);
    const slots = mapNamed(state.slots, (tensors) => tensorOf(tensors, name));
    const gradient = gradients[name];
    // A parameter that does not reach the loss stays as it is.
    if (!gradient) return { name, parameter, slots };
    const next = optimizer.update({
      ...{ parameter, gradient, slots, scalars: scalars as Named<tf.Scalar> },
      decays: decayOn === 'all' || role === 'weight' || role === 'unmapped',
      axis: axes.get(name) ?? -1,
    });
    return { name, ...next, parameter: grid ? withinRange(next.parameter, parameter, grid) : next.parameter };
  });
  return {
    parameters: named(updated.map(({ name, parameter }) => [name, parameter])),
    slots: mapNamed(state.slots, (_, slot) =>
      named(updated.map(({ name, slots }) => [name, tensorOf(slots, slot)])),
    ),
  };
}

/** Clipped weights limited to -bound ... bound. */
function limited(weights: Named<tf.Tensor>, bounds: Named<tf.Tensor>): Tensors {
  return mapNamed(bounds, (bound, name) =>
    tf.minimum(tf.maximum(tensorOf(weights, name), bound.neg()), bound),
  );
}
