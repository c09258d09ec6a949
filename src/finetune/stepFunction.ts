/**
 * The training step itself, in tfjs: perturb, differentiate, update, clip. Traced once, run by any engine. Weights that the
 * file stores as codes are rounded to them first, straight through (arXiv:1308.3432): codes are what is programmed, and
 * what a chip makes of them is never rounded again.
 */
import * as tf from '@tensorflow/tfjs';
import { type Step, type Tensors, takeRun } from '../compile/index.js';
import { TemperError } from '../errors.js';
import { rounded, withinRange } from '../network/grid.js';
import type { Parameter } from '../network/network.js';
import { differentiate, type Scaled } from './gradients.js';
import { compare } from './objective.js';
import { onceReached } from './reached.js';
import { pick, type Roles, stateNames } from './state.js';
import type { TrainStepOptions } from './trainStep.js';

type Scalars = Record<string, tf.Scalar>;

export function stepFunction(options: TrainStepOptions, roles: Roles): Step {
  const { optimizer } = options;
  const statistics = roles.statistics.map(({ name }) => name);
  const gradients = stepGradients(options, roles);
  return (state, batch, constants) => {
    const scalars = pick(Object.keys(optimizer.scalars(0, 0)), stateNames.scalar, batch) as Scalars;
    const scale = optimizer.scalesGradient ? scalars.learningRate : undefined;
    const result = gradients(state, batch, constants, scale);
    refuseStrays(result.aside, statistics);
    const next: Tensors = {};
    for (const parameter of roles.trained)
      Object.assign(next, updated(options, parameter, result, state, scalars));
    for (const name of statistics) {
      const running = stateNames.statistic(name);
      next[running] = result.aside[asideStatistic + name] ?? state[running]!;
    }
    Object.assign(next, limited(roles, next, state));
    Object.assign(next, onceReached(options, roles, next, state, result));
    const counts = Object.entries(result.aside).filter(([name]) => !name.startsWith(asideStatistic));
    return { state: next, metrics: { loss: result.loss, ...Object.fromEntries(counts) } };
  };
}

type StepGradients = (state: Tensors, batch: Tensors, constants: Tensors, scale?: tf.Scalar) => Scaled;

/** Loss and gradients of a mini-batch at the weights that the method chooses; gradients times `scale`. */
export function stepGradients(options: TrainStepOptions, roles: Roles): StepGradients {
  const { method } = options;
  const trained = roles.trained.map(({ name }) => name);
  const crossbar = roles.trained.filter((parameter) => parameter.crossbar).map(({ name }) => name);
  const statistics = roles.statistics.map(({ name }) => name);
  return (state, batch, constants, scale) => {
    const clean = pick(trained, stateNames.parameter, state);
    const running = pick(statistics, stateNames.statistic, state);
    const fixed = pick(
      roles.fixed.map(({ name }) => name),
      stateNames.constant,
      constants,
    );
    const pass = (weights: Tensors, scale?: tf.Scalar) =>
      differentiate((at) => forward(options, { ...fixed, ...running, ...at }, batch), weights, scale);

    const stored = asStored(roles.trained, clean);
    const weights = pick(crossbar, (name) => name, stored);
    const perturbed = method.perturb({
      weights,
      strength: batch.strength as tf.Scalar,
      flags: pick(Object.keys(method.flags(0.5)), stateNames.flag, batch) as Scalars,
      programmed: () => programmed(options, weights, batch, constants.pool as tf.Tensor1D),
      gradients: () => pass(stored).gradients,
    });
    return pass({ ...stored, ...perturbed }, scale);
  };
}

/** The parameters, those on a grid rounded to it. */
function asStored(parameters: readonly Parameter[], clean: Tensors): Tensors {
  const entries = parameters.map(({ name, grid }) => [
    name,
    grid ? rounded(clean[name]!, grid) : clean[name]!,
  ]);
  return Object.fromEntries(entries);
}

const asideStatistic = 'statistic/';

/** A statistic that is no parameter of its own would be updated for nothing, and the model keep the old one. */
function refuseStrays(aside: Tensors, statistics: readonly string[]): void {
  const updated = Object.keys(aside).filter((name) => name.startsWith(asideStatistic));
  const strays = updated
    .map((name) => name.slice(asideStatistic.length))
    .filter((name) => !statistics.includes(name));
  if (strays.length === 0) return;
  throw new TemperError(
    'model',
    strays.map((name) => ({
      what: `"${name}" is a running statistic, but nothing that training could write it back to`,
      hint: 'train with frozen batch normalization',
    })),
  );
}

/** Loss over the batch; aside: counts, and running statistics as `statistic/NAME`. */
function forward({ network, objective, batchNorm }: TrainStepOptions, parameters: Tensors, batch: Tensors) {
  const input = network.inputs[0]!.name;
  const training = batchNorm === 'trained';
  const fetch = network.outputs.includes(objective.value) ? [] : [objective.value];
  const result = network.forward(parameters, { [input]: batch.examples! }, { training, fetch });
  const value = result.outputs[objective.value] ?? result.fetched[objective.value]!;
  const { loss, counts } = compare(objective, value, batch);
  const statistics = Object.entries(training ? result.statistics : {});
  return {
    loss,
    aside: {
      ...counts,
      ...Object.fromEntries(statistics.map(([name, tensor]) => [asideStatistic + name, tensor])),
    },
  };
}

/** The weights on a new chip: each tensor with a run of the pool of its own. */
function programmed(
  { device }: TrainStepOptions,
  weights: Tensors,
  batch: Tensors,
  pool: tf.Tensor1D,
): Tensors {
  if (!device) throw new Error('a method that samples needs a device');
  const entries = Object.entries(weights).map(([name, weight]) => {
    const shape = device.noiseCount === 1 ? weight.shape : [device.noiseCount, ...weight.shape];
    const noise = takeRun(pool, batch[stateNames.offset(name)]!, shape);
    return [name, device.program(weight, noise, batch.strength as tf.Scalar)];
  });
  return Object.fromEntries(entries);
}

/** The next value of a parameter and its slots, under their names in the state. */
function updated(
  { optimizer, decayOn, axes }: TrainStepOptions,
  { name, role, grid }: Parameter,
  { gradients }: Scaled,
  state: Tensors,
  scalars: Scalars,
): Tensors {
  const parameter = state[stateNames.parameter(name)]!;
  const slots = pick(optimizer.slots, (slot) => stateNames.slot(slot, name), state);
  const gradient = gradients[name];
  const decays = decayOn === 'all' || role === 'weight' || role === 'unmapped';
  // A parameter that does not reach the loss stays as it is.
  const next = gradient
    ? optimizer.update({ parameter, gradient, slots, scalars, decays, axis: axes.get(name) ?? -1 })
    : { parameter, slots };
  const renamed = Object.entries(next.slots).map(([slot, value]) => [stateNames.slot(slot, name), value]);
  const value = grid ? withinRange(next.parameter, parameter, grid) : next.parameter;
  return { [stateNames.parameter(name)]: value, ...Object.fromEntries(renamed) };
}

/** The weights limited to -bound ... bound, and the bounds, which stay, under their names in the state. */
function limited({ clipped }: Roles, next: Tensors, state: Tensors): Tensors {
  const entries = clipped.flatMap(({ name }) => {
    const bound = state[stateNames.bound(name)]!;
    const weights = next[stateNames.parameter(name)]!;
    return [
      [stateNames.parameter(name), tf.minimum(tf.maximum(weights, bound.neg()), bound)],
      [stateNames.bound(name), bound],
    ];
  });
  return Object.fromEntries(entries);
}
