/** Puts a training step together: what it needs, what it carries from step to step, and the function itself (stepFunction.ts). */
import { float32, type Step, type StepSpecs, type TensorSpec } from '../../compile/index.js';
import type { Device } from '../../devices/index.js';
import type { Network } from '../../network/network.js';
import type { Method } from '../methods/index.js';
import type { Optimizer } from '../optimizers/index.js';
import type { ChannelsByName } from './channels.js';
import type { ChannelAxes } from './clips.js';
import { elements, type HostTensors } from './host.js';
import { makePool } from './noisePool.js';
import { answerSpec, type Objective } from './objective.js';
import { initialState, type RoleOptions, rolesOf } from './state.js';
import { stepFunction } from './stepFunction.js';
import { flatBatch, flatConstants, flatState, named } from './stepState.js';

export interface TrainStepOptions extends RoleOptions {
  readonly network: Network;
  readonly objective: Objective;
  readonly optimizer: Optimizer;
  readonly method: Method;
  /** Needed by methods that sample. */
  readonly device: Device | undefined;
  /** For devices that go by them; absent: every tensor is one channel. */
  readonly channels?: ChannelsByName;
  readonly batchSize: number;
  /** Shape of one example. */
  readonly exampleShape: readonly number[];
  /** Axes of output channels of the crossbar weights. */
  readonly axes: ChannelAxes;
  /** `weights`: decay leaves biases and normalization alone, as is usual. */
  readonly decayOn: 'weights' | 'all';
  /** Of the noise pool. */
  readonly seed: number;
}

export interface TrainStep {
  readonly step: Step;
  readonly specs: StepSpecs;
  readonly initialState: HostTensors;
  /** The tensors that take noise from the pool, with how many normals each takes in a step. */
  readonly runs: readonly { readonly name: string; readonly length: number }[];
}

export function makeTrainStep(options: TrainStepOptions): TrainStep {
  const { network, optimizer, method, device, seed } = options;
  const roles = rolesOf(network, options);
  const state: HostTensors = flatState(initialState(roles, optimizer.slots, options.axes));
  const runs = roles.trained
    .filter(({ crossbar }) => crossbar && method.samples)
    .map(({ name, shape }) => ({ name, length: elements(shape) * (device?.noiseCount ?? 1) }));
  const fixed = named(roles.fixed.map(({ name, shape, values }) => [name, float32(shape, values)]));
  const longest = Math.max(0, ...runs.map(({ length }) => length));
  return {
    step: stepFunction(options, roles),
    specs: {
      state: Object.entries(state).map(([name, { dims }]) => ({ name, shape: dims, dtype: 'float32' })),
      batch: batchSpecs(
        options,
        runs.map(({ name }) => name),
      ),
      constants: flatConstants({ fixed, pool: longest > 0 ? makePool(longest, seed) : undefined }),
    },
    initialState: state,
    runs,
  };
}

function batchSpecs(options: TrainStepOptions, sampled: readonly string[]): TensorSpec[] {
  const { method, optimizer, objective, batchSize, exampleShape } = options;
  type Spec = Omit<TensorSpec, 'name'>;
  const scalars = (dtype: TensorSpec['dtype'], names: readonly string[]) =>
    named(names.map((name): [string, Spec] => [name, { dtype, shape: [] }]));
  const { name: answer, ...answers } = answerSpec(objective, batchSize);
  const specs = flatBatch<Spec>({
    examples: { dtype: 'float32', shape: [batchSize, ...exampleShape] },
    answers: { [answer]: answers },
    scalars: scalars('float32', Object.keys(optimizer.scalars(0, 0))),
    strength: method.perturbs ? { dtype: 'float32', shape: [] } : undefined,
    flags: scalars('bool', Object.keys(method.flags(0.5))),
    offsets: scalars('int32', sampled),
  });
  return Object.entries(specs).map(([name, spec]) => ({ name, ...spec }));
}
