/**
 * The spiking network run step by step on tfjs: the reference for the exported file. The network's own forward function
 * computes the layers, the neuron's step stands in for every Relu.
 */
import * as tf from '@tensorflow/tfjs';
import type { Tensors } from '../../compile/index.js';
import type { Network } from '../../network/network.js';
import type { Node } from '../../onnx/model.js';
import type { Spiking } from './assemble.js';
import { forward } from './layers.js';

/** What one layer did at one step. */
export interface LayerStep {
  readonly layer: string;
  readonly step: number;
  readonly input: tf.Tensor;
  readonly output: tf.Tensor;
}

/**
 * @param inputs   the network's inputs, held constant over time; first dimension the batch
 * @param observe  sees every layer at every step; its tensors live as long as the call
 * @returns the model's outputs
 */
export function simulateSnn(
  network: Network,
  spiking: Spiking,
  inputs: Tensors,
  observe: (at: LayerStep) => void = () => {},
): Tensors {
  return tf.tidy(() => {
    const given = { ...parametersOf(network), ...inputs };
    const population = new Population(spiking, observe);
    let sums: Tensors | undefined;
    for (let step = 0; step < spiking.timesteps; step++) {
      population.step = step;
      const { fetched } = forward(network, given, {
        fetch: [...spiking.plan.averaged],
        replace: (node, operands) => population.replace(node, operands),
      });
      sums = mapTensors(fetched, (value, name) => tf.add(sums?.[name] ?? tf.zerosLike(value), value));
    }
    return readOut(
      network,
      spiking,
      given,
      mapTensors(sums!, (sum) => tf.div(sum, spiking.timesteps)),
    );
  });
}

/** All neurons of a network, by layer. */
class Population {
  step = 0;
  private readonly neurons: ReadonlySet<string>;
  private readonly states = new Map<string, Record<string, tf.Tensor>>();

  constructor(
    private readonly spiking: Spiking,
    private readonly observe: (at: LayerStep) => void,
  ) {
    this.neurons = new Set(spiking.plan.neurons.map((node) => node.outputs[0]!));
  }

  replace(node: Node, [input]: tf.Tensor[]): tf.Tensor[] | undefined {
    const layer = node.outputs[0]!;
    if (!this.neurons.has(layer)) return undefined;
    const { neuron, thresholds } = this.spiking;
    const threshold = thresholds.get(layer)!;
    const state = this.states.get(layer) ?? initialState(this.spiking, threshold, input!.shape);
    const result = neuron.step(input!, state, tf.scalar(threshold));
    this.states.set(layer, result.state);
    this.observe({ layer, step: this.step, input: input!, output: result.output });
    return [result.output];
  }
}

function initialState({ neuron }: Spiking, threshold: number, shape: number[]): Record<string, tf.Tensor> {
  const entries = Object.entries(neuron.initial(threshold));
  return Object.fromEntries(entries.map(([name, start]) => [name, tf.fill(shape, start)]));
}

/** The tail, on the means: one more pass in which the averaged values are given. */
function readOut(network: Network, { plan }: Spiking, given: Tensors, means: Tensors): Tensors {
  const replace = (node: Node): tf.Tensor[] | undefined => {
    const mean = node.outputs.map((name) => (Object.hasOwn(means, name) ? means[name] : undefined));
    return mean.every((value) => value !== undefined) ? mean : undefined;
  };
  return forward(network, given, { replace, fetch: [...plan.averaged] }).outputs;
}

function parametersOf(network: Network): Tensors {
  return Object.fromEntries(
    [...network.parameters].map(([name, { values, shape }]) => [name, tf.tensor(values.slice(), [...shape])]),
  );
}

function mapTensors(tensors: Tensors, change: (value: tf.Tensor, name: string) => tf.Tensor): Tensors {
  return Object.fromEntries(Object.entries(tensors).map(([name, value]) => [name, change(value, name)]));
}
