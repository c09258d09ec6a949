/** The network as a function that returns chosen inner values: compiled to be calibrated, traced to learn their shapes. */
import type * as tf from '@tensorflow/tfjs';
import { compileFunction, float32, type TensorSpec, type Tensors, traceModel } from '../../compile/index.js';
import { TemperError } from '../../errors.js';
import type { ForwardMode, Network } from '../../network/network.js';
import type { HostTensors } from '../host.js';

export type CompiledLayers = Awaited<ReturnType<typeof compileFunction>>;

/** The network at batch size `batch`, compiled; its outputs are the named values, as `value0`, `value1` ... */
export function compileValues(
  network: Network,
  values: readonly string[],
  batch: number,
  threads?: number,
): Promise<CompiledLayers> {
  const parameters = hostParameters(network);
  return compileFunction(fetching(network, values), inputSpecs(network, batch), {
    parameters,
    ...(threads !== undefined && { threads }),
  });
}

/** Shape of one example of each named value. Throws TemperError('model') where the first dimension is not the batch. */
export function exampleShapes(network: Network, values: readonly string[]): Map<string, number[]> {
  // Two batch sizes: a dimension is the batch if it follows them.
  const [two, three] = [2, 3].map((batch) => {
    const parameters = hostParameters(network);
    const { graph } = traceModel(fetching(network, values), inputSpecs(network, batch), { parameters });
    return graph.outputs.map((output) => output.tensorType!.shape as number[]);
  });
  const problems = values.flatMap((name, i) => {
    const [a, b] = [two![i]!, three![i]!];
    const batchFirst = a[0] === 2 && b[0] === 3 && a.slice(1).join() === b.slice(1).join();
    if (batchFirst) return [];
    return {
      what: `value "${name}" is [${a}] for 2 examples and [${b}] for 3: its first dimension is not the batch`,
      hint: 'a neuron needs one state per example: keep the batch as first dimension at every Relu and output',
    };
  });
  if (problems.length > 0) throw new TemperError('model', problems);
  return new Map(values.map((name, i) => [name, two![i]!.slice(1)]));
}

/** Runs the network eagerly or under a trace, with its own parameter values among `given`. */
export function forward(network: Network, given: Tensors, mode: ForwardMode) {
  const pick = (names: Iterable<string>) =>
    Object.fromEntries([...names].map((name) => [name, given[name]!]));
  return network.forward(pick(network.parameters.keys()), pick(network.inputs.map(({ name }) => name)), mode);
}

function fetching(network: Network, values: readonly string[]) {
  return (given: Tensors): Tensors => {
    const { fetched } = forward(network, given, { fetch: [...values] });
    return Object.fromEntries(values.map((name, i): [string, tf.Tensor] => [`value${i}`, fetched[name]!]));
  };
}

function hostParameters(network: Network): HostTensors {
  return Object.fromEntries(
    [...network.parameters].map(([name, { shape, values }]) => [name, float32(shape, values)]),
  );
}

function inputSpecs(network: Network, batch: number): TensorSpec[] {
  const problems = network.inputs.flatMap(({ name, shape }) =>
    shape.slice(1).every((extent) => extent !== undefined)
      ? []
      : {
          what: `input "${name}" has dimensions that the file leaves open besides the batch`,
          hint: 'fix them',
        },
  );
  if (problems.length > 0) throw new TemperError('model', problems);
  return network.inputs.map(({ name, dtype, shape }) => ({
    name,
    dtype,
    shape: [batch, ...(shape.slice(1) as number[])],
  }));
}
