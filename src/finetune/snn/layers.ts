/** The network as a function that returns chosen inner values: compiled to be calibrated, traced to learn their shapes. */
import {
  compileFunction,
  float32,
  type HostTensor,
  type TensorSpec,
  type Tensors,
  traceModel,
} from '../../compile/index.js';
import { TemperError } from '../../errors.js';
import type { ForwardMode, Network } from '../../network/network.js';
import type { HostTensors } from '../step/host.js';
import { named, tensorOf } from '../step/stepState.js';

export interface CompiledLayers {
  /** Of the inputs' batch: the named values. */
  run(feeds: HostTensors): Promise<ReadonlyMap<string, HostTensor>>;
  release(): Promise<void>;
}

/** The network at batch size `batch`, compiled to give the named values. */
export async function compileValues(
  network: Network,
  values: readonly string[],
  batch: number,
  threads?: number,
): Promise<CompiledLayers> {
  const { fetch, outputs } = fetching(network, values);
  const program = await compileFunction(fetch, inputSpecs(network, batch), {
    parameters: hostParameters(network),
    ...(threads !== undefined && { threads }),
  });
  return {
    async run(feeds) {
      const out = await program.run(feeds);
      return new Map(values.map((name) => [name, tensorOf(out, tensorOf(outputs, name))]));
    },
    release: () => program.release(),
  };
}

/** Shape of one example of each named value. Throws TemperError('model') where the first dimension is not the batch. */
export function exampleShapes(network: Network, values: readonly string[]): Map<string, number[]> {
  // Two batch sizes: a dimension is the batch if it follows them.
  const [two, three] = [2, 3].map((batch) => {
    const parameters = hostParameters(network);
    const { graph } = traceModel(fetching(network, values).fetch, inputSpecs(network, batch), { parameters });
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

/** A function that gives the named values, and what each is called among its outputs: as no input and no parameter is. */
function fetching(network: Network, values: readonly string[]) {
  const given = [...network.parameters.keys(), ...network.inputs.map(({ name }) => name)];
  let prefix = 'value';
  while (given.some((name) => name.startsWith(prefix))) prefix += '_';
  const outputs = named(values.map((name, i) => [name, `${prefix}${i}`]));
  const fetch = (tensors: Tensors): Tensors => {
    const { fetched } = forward(network, tensors, { fetch: [...values] });
    return named(values.map((name) => [tensorOf(outputs, name), tensorOf(fetched, name)]));
  };
  return { fetch, outputs };
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
