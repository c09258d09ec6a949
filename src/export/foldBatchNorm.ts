/**
 * Batch normalization folded into the layer before it. For each output channel, with k = gamma / sqrt(variance + epsilon):
 *   gamma (W x + b - mean) / sqrt(variance + epsilon) + beta = (k W) x + (k (b - mean) + beta)
 * A declared pass, never a silent one: it changes the stored weights, and so what noise relative to them means.
 */

import { type Problem, TemperError } from '../errors.js';
import { elementOf } from '../lists/elementOf.js';
import { lookUp } from '../lists/lookUp.js';
import { floatAttribute, intAttribute } from '../onnx/attributes.js';
import { nodeLabels, operatorName } from '../onnx/label.js';
import { DataType, type Graph, type Model, type Node, type Tensor } from '../onnx/model.js';
import { type FreshName, freshNames } from '../onnx/names.js';
import { makeTensor, tensorValues, withValues } from '../onnx/tensor.js';
import { isStandard, producerMap, walkNodes } from '../onnx/walk.js';
import { withInitializers, withoutInitializers } from './initializers.js';

export interface FoldedModel {
  readonly model: Model;
  /** The batch normalizations that are gone, by label. */
  readonly folded: readonly string[];
  /** Those that stay, and why. */
  readonly kept: readonly { readonly label: string; readonly reason: string }[];
}

/** Folds every batch normalization of the main graph it can; the others stay as they are, each with its reason. */
export function foldBatchNorm(model: Model): FoldedModel {
  refuseVariances(model.graph);
  const fresh = freshNames(model.graph);
  const folded: string[] = [];
  const kept: { label: string; reason: string }[] = [];
  let graph = model.graph;
  const labels = nodeLabels(model.graph);
  for (const node of model.graph.nodes.filter(isBatchNormalization)) {
    const label = lookUp(labels, node, 'label of a node');
    const result = foldOne(graph, node, model.irVersion, fresh);
    if (typeof result === 'string') kept.push({ label, reason: result });
    else {
      folded.push(label);
      graph = result;
    }
  }
  for (const { node, graph: body } of walkNodes(model.graph)) {
    if (!isBatchNormalization(node) || body === model.graph) continue;
    kept.push({ label: lookUp(labels, node, 'label of a node'), reason: 'it stands in a subgraph' });
  }
  return { model: folded.length === 0 ? model : { ...model, graph }, folded, kept };
}

/** A variance below 0 has no root: the folded weights would be NaN. Throws TemperError('model') with all of them. */
function refuseVariances(graph: Graph): void {
  const stored = storedFloats(graph);
  const names = new Set(graph.nodes.filter(isBatchNormalization).map(({ inputs }) => inputs[4] ?? ''));
  const problems = [...names].flatMap((name): Problem[] => {
    const tensor = stored.get(name);
    const values = tensor ? (tensorValues(tensor) as Float32Array) : new Float32Array();
    const wrong = values.findIndex((value) => !(value >= 0 && value < Number.POSITIVE_INFINITY));
    if (wrong < 0) return [];
    return [
      {
        what: `cannot fold batch normalization of a variance of ${values[wrong]} (channel ${wrong})`,
        where: `tensor "${name}"`,
        hint: 'the file is damaged, or was trained to NaN: export it anew',
      },
    ];
  });
  if (problems.length > 0) throw new TemperError('model', problems);
}

/** Of the standard: somebody's own operator of that name may compute something else. */
function isBatchNormalization(node: Node): boolean {
  return node.opType === 'BatchNormalization' && isStandard(node);
}

/** Factor and shift of every output channel: y = factor * x + shift. */
interface Affine {
  readonly factor: Float64Array;
  readonly shift: Float64Array;
  readonly mean: Float64Array;
}

function foldOne(graph: Graph, norm: Node, irVersion: number, fresh: FreshName): Graph | string {
  const layer = layerBefore(graph, norm);
  if (typeof layer === 'string') return layer;
  const stored = storedFloats(graph);
  const affine = affineOf(norm, stored);
  if (!affine) return 'its scale, shift, mean or variance are not stored as float32 initializers';
  const weight = soleWeight(graph, layer.inputs[1] ?? '', stored);
  if (typeof weight === 'string') return weight;
  const channelOf = channelIndex(layer, weight.dims, affine.factor.length);
  if (!channelOf) return 'the number of its channels is not that of the layer before it';
  const biasName = layer.inputs[2];
  const bias = biasName ? stored.get(biasName) : undefined;
  if (biasName && !bias) return 'the bias of the layer before it is not a stored float32 tensor';
  if (bias && !isPerChannel(bias.dims, affine.factor.length))
    return 'the bias of the layer before it differs from row to row';
  const beta = layer.opType === 'Gemm' ? (floatAttribute(layer, 'beta') ?? 1) : 1;
  if (beta === 0) return 'the Gemm before it scales its bias by 0';

  const weights = tensorValues(weight) as Float32Array;
  for (let i = 0; i < weights.length; i++) weights[i]! *= affine.factor[channelOf(i)]!;
  const biases = foldedBias(affine, bias && (tensorValues(bias) as Float32Array), beta);
  return replace(graph, layer, norm, withValues(weight, weights), { bias, biases }, { irVersion, fresh });
}

/** What it can be folded into, or why it cannot be. */
function layerBefore(graph: Graph, norm: Node): Node | string {
  const layer = producerMap(graph).get(norm.inputs[0] ?? '');
  if (!layer || !isStandard(layer) || !['Conv', 'ConvTranspose', 'Gemm'].includes(layer.opType)) {
    return `its input comes from ${layer ? operatorName(layer) : 'a graph input'}, not from Conv, ConvTranspose or Gemm`;
  }
  if (intAttribute(norm, 'training_mode') || norm.outputs.slice(1).some(Boolean))
    return 'it is in training mode';
  if (intAttribute(norm, 'spatial') === 0) return 'it normalizes each pixel by itself (spatial 0)';
  const uses = usesOf(graph, elementOf(layer.outputs, 0, 'output'));
  return uses === 1 ? layer : 'the output of the layer before it is used elsewhere too';
}

/** How often a value is used: by nodes, by their subgraphs, as a graph output. */
function usesOf(graph: Graph, name: string): number {
  const nodes = [...walkNodes(graph)].flatMap(({ node }) => node.inputs);
  return [...nodes, ...graph.outputs.map((output) => output.name)].filter((used) => used === name).length;
}

function storedFloats(graph: Graph): Map<string, Tensor> {
  return new Map(
    graph.initializers.filter(({ dataType }) => dataType === DataType.FLOAT).map((t) => [t.name, t]),
  );
}

function affineOf(norm: Node, stored: ReadonlyMap<string, Tensor>): Affine | undefined {
  const tensors = norm.inputs.slice(1, 5).map((name) => stored.get(name));
  const [gamma, beta, mean, variance] = tensors.map(
    (tensor) => tensor && Float64Array.from(tensorValues(tensor) as Float32Array),
  );
  if (!gamma || !beta || !mean || !variance) return undefined;
  const epsilon = floatAttribute(norm, 'epsilon') ?? 1e-5;
  return { factor: gamma.map((value, i) => value / Math.sqrt(variance[i]! + epsilon)), shift: beta, mean };
}

function soleWeight(graph: Graph, name: string, stored: ReadonlyMap<string, Tensor>): Tensor | string {
  const weight = stored.get(name);
  if (!weight) return 'the weights of the layer before it are not a float32 initializer';
  return usesOf(graph, name) === 1 ? weight : 'the weights of the layer before it are shared';
}

/** Output channel of each weight, by its position; undefined if the layer has another number of channels. */
function channelIndex(
  layer: Node,
  dims: readonly number[],
  channels: number,
): ((element: number) => number) | undefined {
  const inner = dims.slice(1).reduce((total, size) => total * size, 1);
  const group = intAttribute(layer, 'group') ?? 1;
  switch (layer.opType) {
    case 'Conv':
      return dims[0] === channels ? (element) => Math.floor(element / inner) : undefined;
    case 'ConvTranspose': {
      // [inputs, outputs / group, ...]: inputs of group g make the outputs of group g.
      const [inputs, outputs] = [elementOf(dims, 0, 'axis'), elementOf(dims, 1, 'axis')];
      if (outputs * group !== channels) return undefined;
      const kernel = inner / outputs;
      return (element) =>
        Math.floor(Math.floor(element / inner) / (inputs / group)) * outputs +
        (Math.floor(element / kernel) % outputs);
    }
    default: {
      if (intAttribute(layer, 'transB'))
        return dims[0] === channels ? (element) => Math.floor(element / inner) : undefined;
      return dims[1] === channels ? (element) => element % channels : undefined;
    }
  }
}

/** Gemm adds any bias that broadcasts to its result: also a value for each row, or for each element. */
function isPerChannel(dims: readonly number[], channels: number): boolean {
  const count = dims.reduce((total, size) => total * size, 1);
  return count === 1 || (count === channels && dims.at(-1) === channels);
}

/** (k (beta b - mean) + shift) / beta, where Gemm multiplies its bias b (one value, or one per channel) by beta. */
function foldedBias(
  { factor, shift, mean }: Affine,
  bias: Float32Array | undefined,
  beta: number,
): Float32Array {
  return Float32Array.from(factor, (k, channel) => {
    const b = bias ? bias[bias.length === 1 ? 0 : channel]! : 0;
    return (k * (beta * b - mean[channel]!) + shift[channel]!) / beta;
  });
}

function replace(
  graph: Graph,
  layer: Node,
  norm: Node,
  weight: Tensor,
  { bias, biases }: { bias: Tensor | undefined; biases: Float32Array },
  { irVersion, fresh }: { irVersion: number; fresh: FreshName },
): Graph {
  const inPlace =
    bias && usesOf(graph, bias.name) === 1 && bias.dims.length === 1 && bias.dims[0] === biases.length;
  const newBias = inPlace
    ? withValues(bias, biases)
    : makeTensor(fresh(`${weight.name}_bias`), DataType.FLOAT, [biases.length], biases);
  const merged: Node = {
    ...layer,
    inputs: [elementOf(layer.inputs, 0, 'input'), weight.name, newBias.name],
    outputs: [elementOf(norm.outputs, 0, 'output')],
  };
  const nodes = graph.nodes.filter((node) => node !== norm).map((node) => (node === layer ? merged : node));
  const changed = new Map([weight, newBias].map((tensor) => [tensor.name, tensor]));
  const initializers = graph.initializers.map((tensor) => changed.get(tensor.name) ?? tensor);
  const valueInfo = graph.valueInfo.filter(({ name }) => name !== layer.outputs[0]);
  const next: Graph = { ...graph, nodes, initializers, valueInfo };
  const withBias = withInitializers(next, inPlace ? [] : [newBias], irVersion);
  return dropUnused(withBias, [...norm.inputs.slice(1), ...layer.inputs.slice(2)]);
}

/** The graph without those of the named initializers that nothing uses any more. */
function dropUnused(graph: Graph, names: readonly string[]): Graph {
  return withoutInitializers(graph, new Set(names.filter((name) => usesOf(graph, name) === 0)));
}
