/** What a training run carries from step to step: which parameters are trained, and what their tensors are called. */
import { float32, type HostTensor, type Tensors } from '../compile/index.js';
import { nearestValues } from '../network/grid.js';
import type { Network, Parameter } from '../network/network.js';
import { boundShape, type ChannelAxes } from './choice/clips.js';
import { elements, type HostTensors } from './host.js';

/** Names of tensors in the state, the batch and the constants of the training program, and in checkpoints. */
export const stateNames = {
  parameter: (name: string) => `parameter/${name}`,
  statistic: (name: string) => `statistic/${name}`,
  slot: (slot: string, name: string) => `${slot}/${name}`,
  /** Largest magnitudes of a clipped weight tensor. */
  bound: (name: string) => `bound/${name}`,
  /** Above 0 once a gradient has reached a parameter that had none. */
  reached: (name: string) => `reached/${name}`,
  constant: (name: string) => `constant/${name}`,
  scalar: (name: string) => `scalar/${name}`,
  flag: (name: string) => `flag/${name}`,
  offset: (name: string) => `offset/${name}`,
} as const;

/** The parameters of a network by what training does with them. */
export interface Roles {
  readonly trained: readonly Parameter[];
  /** Running means and variances that follow the batches. */
  readonly statistics: readonly Parameter[];
  readonly fixed: readonly Parameter[];
  /** Trained weights that are clipped. */
  readonly clipped: readonly Parameter[];
  /** Trained parameters that stay as they are until a gradient reaches them (reached.ts). */
  readonly waiting: readonly Parameter[];
}

export interface RoleOptions {
  /** `trained`: batch statistics in the forward pass, running statistics follow. `frozen`: as in inference. */
  readonly batchNorm: 'trained' | 'frozen';
  /** Whether crossbar weights are limited to their bounds (choice/clips.ts) after each step. */
  readonly clips: boolean;
  /** What the gradients said before the first step: these are never trained ... */
  readonly unreached?: ReadonlySet<string>;
  /** ... and these not yet. */
  readonly silent?: ReadonlySet<string>;
}

export function rolesOf(network: Network, { batchNorm, clips, unreached, silent }: RoleOptions): Roles {
  const all = [...network.parameters.values()];
  const isStatistic = ({ role }: Parameter) => role === 'mean' || role === 'variance';
  const trained = all.filter(
    (parameter) => parameter.trainable && !isStatistic(parameter) && !unreached?.has(parameter.name),
  );
  const statistics = batchNorm === 'trained' ? all.filter(isStatistic) : [];
  const fixed = all.filter((parameter) => !trained.includes(parameter) && !statistics.includes(parameter));
  const waiting = trained.filter(({ name }) => silent?.has(name));
  const clipped = clips
    ? trained.filter((parameter) => parameter.crossbar && !waiting.includes(parameter))
    : [];
  return { trained, statistics, fixed, clipped, waiting };
}

/** Parameters and statistics as the network brings them, slots at zero, no bound on any weight. */
export function initialState(
  { trained, statistics, clipped, waiting }: Roles,
  slots: readonly string[],
  axes: ChannelAxes,
): HostTensors {
  const unbounded = (parameter: Parameter) => {
    const shape = boundShape(parameter, axes);
    return float32(shape, new Float32Array(elements(shape)).fill(Number.POSITIVE_INFINITY));
  };
  const zeros = ({ shape }: Parameter) => float32(shape, new Float32Array(elements(shape)));
  const entries: [string, HostTensor][] = [
    ...trained.map((p): [string, HostTensor] => [
      stateNames.parameter(p.name),
      float32(p.shape, p.unrounded ?? p.values),
    ]),
    ...slots.flatMap((slot) =>
      trained.map((p): [string, HostTensor] => [stateNames.slot(slot, p.name), zeros(p)]),
    ),
    ...clipped.map((p): [string, HostTensor] => [stateNames.bound(p.name), unbounded(p)]),
    ...waiting.map((p): [string, HostTensor] => [
      stateNames.reached(p.name),
      float32([], new Float32Array(1)),
    ]),
    ...statistics.map((p): [string, HostTensor] => [
      stateNames.statistic(p.name),
      float32(p.shape, p.values),
    ]),
  ];
  return Object.fromEntries(entries);
}

/** All parameters of the network by their own names, as the state has them now. */
export function networkValues(network: Network, state: HostTensors): HostTensors {
  const entries = [...network.parameters.values()].map(({ name, shape, values }): [string, HostTensor] => [
    name,
    state[stateNames.parameter(name)] ?? state[stateNames.statistic(name)] ?? float32(shape, values),
  ]);
  return Object.fromEntries(entries);
}

/** The parameters as the network computes with them: those on a grid rounded to it. */
export function roundedValues(network: Network, parameters: HostTensors): HostTensors {
  const entries = Object.entries(parameters).map(([name, value]): [string, HostTensor] => {
    const grid = network.parameters.get(name)?.grid;
    if (!grid) return [name, value];
    return [name, float32(value.dims, nearestValues(value.data as Float32Array, value.dims, grid))];
  });
  return Object.fromEntries(entries);
}

/** The tensors `rename(name)` of `from`, under `name`. */
export function pick(names: readonly string[], rename: (name: string) => string, from: Tensors): Tensors {
  return Object.fromEntries(names.map((name) => [name, from[rename(name)]!]));
}
