/** A training step run by tfjs itself, operation by operation: the reference that the compiled program is held against. */
import * as tf from '@tensorflow/tfjs';
import './backend.js';
import { lookUp } from '../lists/lookUp.js';
import type { HostTensor } from '../runtime/host.js';
import { required, type Step, type StepProgram, type StepSpecs, stepsIn } from './step.js';
import type { Tensors } from './trace.js';

type Hosts = Record<string, HostTensor>;

export class EagerProgram implements StepProgram {
  constructor(
    private readonly step: Step,
    private readonly specs: StepSpecs,
    private readonly backend: string,
  ) {}

  async run(state: Hosts, batches: Hosts): Promise<{ state: Hosts; metrics: Record<string, Float32Array> }> {
    await tf.setBackend(this.backend);
    const { specs } = this;
    const steps = stepsIn(batches, specs);
    const metrics: Record<string, number[]> = {};
    let now = state;
    for (let k = 0; k < steps; k++) {
      tf.tidy(() => {
        const batch = Object.fromEntries(
          specs.batch.map(({ name }) => [name, toTensor(row(required(batches, name), k))]),
        );
        const at = Object.fromEntries(specs.state.map(({ name }) => [name, toTensor(required(now, name))]));
        const result = this.step(at, batch, toTensors(specs.constants ?? {}));
        now = Object.fromEntries(
          specs.state.map(({ name }) => [name, toHost(lookUp(result.state, name, 'state'))]),
        );
        for (const [name, value] of Object.entries(result.metrics)) {
          metrics[name] = [...(metrics[name] ?? []), ...value.dataSync()];
        }
      });
    }
    const columns = Object.entries(metrics).map(([name, values]) => [name, Float32Array.from(values)]);
    return { state: now, metrics: Object.fromEntries(columns) };
  }

  async release(): Promise<void> {}
}

/** Row k of a tensor whose first dimension counts steps. */
function row({ type, dims, data }: HostTensor, k: number): HostTensor {
  const size = dims.slice(1).reduce((product, extent) => product * extent, 1);
  return { type, dims: dims.slice(1), data: data.subarray(k * size, (k + 1) * size) } as HostTensor;
}

export function toTensor({ type, dims, data }: HostTensor): tf.Tensor {
  if (type !== 'float32' && type !== 'int32' && type !== 'bool')
    throw new Error(`a ${type} tensor cannot enter tfjs`);
  // A copy: the cpu backend keeps the array it is given.
  return tf.tensor(data.slice() as Float32Array, [...dims], type);
}

function toTensors(hosts: Hosts): Tensors {
  return Object.fromEntries(Object.entries(hosts).map(([name, host]) => [name, toTensor(host)]));
}

export function toHost(tensor: tf.Tensor): HostTensor {
  return { type: tensor.dtype, dims: tensor.shape, data: tensor.dataSync().slice() } as HostTensor;
}
