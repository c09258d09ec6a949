/**
 * A model with other weights, everything else as it stands: what a file of that chip would hold. The weights are put where
 * a runtime takes them for constants, so the baked model computes exactly as the written file does (docs/decisions).
 */
import { TemperError } from '../errors.js';
import { tensorAttribute } from '../onnx/attributes.js';
import { tensorInfo } from '../onnx/build.js';
import type { Graph, Model, Node, Tensor } from '../onnx/model.js';
import { makeTensor, withValues } from '../onnx/tensor.js';
import { walkNodes } from '../onnx/walk.js';
import { attributesOfConstant, replaceSubgraphs } from './graphEdit.js';

/** New values of a weight, by the name of the value that its layers read. */
export interface Weight {
  name: string;
  dims: readonly number[];
  /** onnx data type of the value. */
  dataType: number;
  values: Float32Array;
}

/**
 * Puts each weight in its place: an initializer or a Constant node gets new values in its own type; the output of a
 * DequantizeLinear becomes a float initializer, and its node goes. Reaches into the bodies of If, Loop and Scan.
 * Throws TemperError('model') for weights that are not there, or there twice.
 */
export function bakeWeights(model: Model, weights: readonly Weight[]): Model {
  const open = new Map(weights.map((weight) => [weight.name, { weight, found: 0 }]));
  const freed: string[] = [];
  const graph = bakeGraph(model.graph, model.irVersion, open, freed);
  const wrong = [...open.values()].filter(({ found }) => found !== 1);
  if (wrong.length > 0) {
    throw new TemperError(
      'model',
      wrong.map(({ weight, found }) => ({
        what: found === 0 ? `weight "${weight.name}" is not in the model` : `${found} weights of one name`,
        where: `tensor "${weight.name}"`,
      })),
    );
  }
  return { ...model, graph: dropUnused(graph, freed) };
}

type Open = Map<string, { weight: Weight; found: number }>;

function bakeGraph(graph: Graph, irVersion: number, open: Open, freed: string[]): Graph {
  const take = (name: string): Weight | undefined => {
    const entry = open.get(name);
    if (entry) entry.found++;
    return entry?.weight;
  };
  const added: Tensor[] = [];
  const initializers = graph.initializers.map((tensor) => {
    const weight = take(tensor.name);
    return weight ? withValues(tensor, weight.values) : tensor;
  });
  const nodes = graph.nodes.flatMap((node): Node[] => {
    const weight = node.outputs.length === 1 ? take(node.outputs[0]!) : undefined;
    if (!weight) return [replaceSubgraphs(node, (body) => bakeGraph(body, irVersion, open, freed))];
    if (node.opType === 'Constant') return [bakeConstant(node, weight)];
    freed.push(...node.inputs);
    added.push(makeTensor(weight.name, weight.dataType, weight.dims, weight.values));
    return [];
  });
  // Before IR version 4 every initializer must be listed among the inputs.
  const inputs =
    irVersion < 4 ? added.map(({ name, dataType, dims }) => tensorInfo(name, dataType, dims)) : [];
  return {
    ...graph,
    nodes,
    initializers: [...initializers, ...added],
    inputs: [...graph.inputs, ...inputs],
  };
}

function bakeConstant(node: Node, { values }: Weight): Node {
  const stored = tensorAttribute(node, 'value')!; // crossbar tensors are stored in no other form of Constant
  return { ...node, attributes: attributesOfConstant(withValues(stored, values)) };
}

/** Drops initializers among `names` that nothing reads any more: codes and scales of what became float. */
function dropUnused(graph: Graph, names: readonly string[]): Graph {
  const used = new Set(graph.outputs.map(({ name }) => name));
  for (const { node, graph: around } of walkNodes(graph)) {
    for (const name of node.inputs) used.add(name);
    for (const { name } of around.outputs) used.add(name);
  }
  const unused = new Set(names.filter((name) => !used.has(name)));
  return unused.size === 0 ? graph : withoutInitializers(graph, unused);
}

function withoutInitializers(graph: Graph, names: ReadonlySet<string>): Graph {
  return {
    ...graph,
    nodes: graph.nodes.map((node) => replaceSubgraphs(node, (body) => withoutInitializers(body, names))),
    initializers: graph.initializers.filter(({ name }) => !names.has(name)),
    inputs: graph.inputs.filter(
      ({ name }) => !(names.has(name) && graph.initializers.some((t) => t.name === name)),
    ),
  };
}
