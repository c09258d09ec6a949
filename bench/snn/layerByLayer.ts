/**
 * The body of the exported loop, one time step taken out as a model of its own, in which every layer is given the spikes and
 * potentials of the eager run. So each layer is judged on equal inputs, and a spike that two engines place differently
 * (a potential within rounding of the threshold) does not spread.
 */
import * as tf from '@tensorflow/tfjs';
import { pruneNodes } from '../../src/compile/prune.js';
import { type LayerStep, simulateSnn } from '../../src/finetune/snn/simulate.js';
import { type Converted, encodeModel, type Model, type Network } from '../../src/index.js';
import { makeGraph, tensorInfo } from '../../src/onnx/build.js';
import { DataType } from '../../src/onnx/model.js';
import { float32, type HostTensor } from '../../src/runtime/host.js';
import { openSession } from '../../src/runtime/session.js';
import { inputsOf } from '../classes.js';
import type { Pictures } from './classAgreement.js';

const count = 2;
const steps = 8;
/** Within this share of the threshold, two engines may place a spike differently. */
const near = 1e-5;

interface Layer {
  name: string;
  /** Value that the neurons take in, and their potential before and after the step. */
  current: string;
  now: string;
  next: string;
  threshold: number;
}

interface Observed {
  input: Float32Array;
  output: Float32Array;
  /** Before the step. */
  potential: Float32Array;
  shape: number[];
}

export async function layerByLayer({ dataset, scaling, network, converted }: Pictures) {
  const { model, layers } = oneStep(converted);
  const x = float32(
    [count, ...network.inputs[0]!.shape.slice(1).map(Number)],
    inputsOf(dataset, scaling, 0, count),
  );
  const observed = await observe(network, converted, x);
  const session = await openSession(encodeModel(model));
  const found = { spikes: 0, differing: 0, farFromThreshold: 0, currentError: 0, potentialError: 0 };
  for (let step = 0; step < steps; step++) {
    const feeds: Record<string, HostTensor> = { [network.inputs[0]!.name]: x };
    const at = layers.map((layer) => observed.get(layer.name)![step]!);
    layers.forEach(({ name, now }, i) => {
      feeds[given(name)] = float32(at[i]!.shape, at[i]!.output);
      feeds[now] = float32(at[i]!.shape, at[i]!.potential);
    });
    const results = await session.run(feeds);
    layers.forEach((layer, i) => {
      judge(layer, at[i]!, results, found);
    });
  }
  await session.release();
  return { pictures: count, steps, layers: layers.length, ...found };
}

function judge(
  layer: Layer,
  at: Observed,
  results: Record<string, HostTensor>,
  found: Record<string, number>,
) {
  const { name, current, next, threshold } = layer;
  const [spikes, currents, potentials] = [name, current, next].map(
    (value) => results[value]!.data as Float32Array,
  );
  const largest = at.input.reduce((most, value) => Math.max(most, Math.abs(value)), 0);
  at.output.forEach((output, i) => {
    const charged = Math.fround(at.potential[i]! + at.input[i]!);
    found.spikes! += output === 0 ? 0 : 1;
    const error = Math.abs(currents![i]! - at.input[i]!) / largest;
    found.currentError = Math.max(found.currentError!, error);
    if (spikes![i] !== output) {
      found.differing!++;
      if (Math.abs(charged - threshold) > near * threshold) found.farFromThreshold!++;
      return;
    }
    const left = Math.fround(charged - output);
    found.potentialError = Math.max(found.potentialError!, Math.abs(potentials![i]! - left) / threshold);
  });
}

const given = (layer: string) => `given/${layer}`;

/** Main graph before the loop and the loop's body in one; readers of a layer's spikes read given ones. */
function oneStep({ model, spiking }: Converted): { model: Model; layers: Layer[] } {
  const { graph } = model;
  const at = graph.nodes.findIndex((node) => node.opType === 'Loop');
  const body = graph.nodes[at]!.attributes.find(({ g }) => g)!.g!;
  const layers = spiking.plan.neurons.map((node, i): Layer => {
    const [name, current] = [node.outputs[0]!, node.inputs[0]!];
    // Of the loop's values the first two count the steps; those of the neurons follow in order.
    const [now, next] = [body.inputs[2 + i]!.name, body.outputs[1 + i]!.name];
    return { name, current, now, next, threshold: spiking.thresholds.get(name)! };
  });
  const names = new Set(layers.map(({ name }) => name));
  const nodes = body.nodes.map((node) => ({
    ...node,
    inputs: node.inputs.map((name) => (names.has(name) ? given(name) : name)),
  }));
  // Each neuron's own reset follows its own spike.
  body.nodes.forEach((node, i) => {
    if (layers.some(({ next }) => node.outputs.includes(next))) nodes[i] = node;
  });
  const stepped = makeGraph({
    nodes: [...graph.nodes.slice(0, at), ...nodes],
    initializers: graph.initializers,
    inputs: [
      ...graph.inputs,
      ...layers.flatMap(({ name, now }) =>
        [given(name), now].map((value) =>
          tensorInfo(value, DataType.FLOAT, ['batch', ...spiking.shapes.get(name)!]),
        ),
      ),
    ],
    // What is left out of the outputs, the running sums, is pruned.
    outputs: layers.flatMap(({ name, current, next }) =>
      [name, current, next].map((value) => tensorInfo(value, DataType.FLOAT)),
    ),
  });
  return { model: { ...model, graph: pruneNodes(stepped) }, layers };
}

/** Every layer at every step of the eager run. */
async function observe(
  network: Network,
  { spiking }: Converted,
  x: HostTensor,
): Promise<Map<string, Observed[]>> {
  await tf.setBackend('cpu');
  const layers = new Map<string, Observed[]>();
  const potentials = new Map<string, Float32Array>();
  const see = ({ layer, input, output }: LayerStep) => {
    const [taken, given] = [input, output].map((tensor) => tensor.dataSync().slice() as Float32Array);
    const start = spiking.thresholds.get(layer)! / 2;
    const potential = potentials.get(layer) ?? new Float32Array(input.size).fill(start);
    const next = potential.map((value, i) => Math.fround(value + taken![i]!) - given![i]!);
    potentials.set(layer, next);
    const seen = { input: taken!, output: given!, potential, shape: input.shape };
    layers.set(layer, [...(layers.get(layer) ?? []), seen]);
  };
  const input = tf.tensor((x.data as Float32Array).slice(), [...x.dims]);
  const outputs = simulateSnn(
    network,
    { ...spiking, timesteps: steps },
    { [network.inputs[0]!.name]: input },
    see,
  );
  tf.dispose([input, outputs]);
  return layers;
}
