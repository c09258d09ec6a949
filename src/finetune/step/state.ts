/** Which parameters are trained, and what the state of a run is before its first step. */
import { float32, type HostTensor } from '../../compile/index.js';
import { nearestValues } from '../../network/grid.js';
import type { Network, Parameter } from '../../network/network.js';
import { boundShape, type ChannelAxes } from './clips.js';
import { elements, type HostTensors } from './host.js';
import { groupedState, named, type StepState } from './stepState.js';

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
): StepState<HostTensor> {
  const filled = (shape: readonly number[], value: number) =>
    float32(shape, new Float32Array(elements(shape)).fill(value));
  const each = (parameters: readonly Parameter[], tensor: (parameter: Parameter) => HostTensor) =>
    named(parameters.map((parameter) => [parameter.name, tensor(parameter)]));
  const zeros = () => each(trained, ({ shape }) => filled(shape, 0));
  return {
    parameters: each(trained, ({ shape, unrounded, values }) => float32(shape, unrounded ?? values)),
    slots: named(slots.map((slot) => [slot, zeros()])),
    bounds: each(clipped, (parameter) => filled(boundShape(parameter, axes), Number.POSITIVE_INFINITY)),
    reached: each(waiting, () => filled([], 0)),
    statistics: each(statistics, ({ shape, values }) => float32(shape, values)),
  };
}

/** All parameters of the network by their own names, as the state has them now. */
export function networkValues(network: Network, state: HostTensors): HostTensors {
  const { parameters, statistics } = groupedState(state, []);
  return named(
    [...network.parameters.values()].map(({ name, shape, values }) => [
      name,
      parameters[name] ?? statistics[name] ?? float32(shape, values),
    ]),
  );
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
