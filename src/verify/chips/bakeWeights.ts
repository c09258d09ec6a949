/**
 * A model with other weights, everything else as it stands: the plain ONNX file of one chip. The weights are put where a
 * runtime finds the model's own, so the baked model computes exactly as the written file does (docs/decisions).
 */
import { TemperError } from '../../errors.js';
import { tensorAttribute } from '../../onnx/attributes.js';
import { tensorInfo } from '../../onnx/build.js';
import { attributesOfConstant, replaceSubgraphs } from '../../onnx/graphEdit.js';
import type { Graph, Model, Node, Tensor } from '../../onnx/model.js';
import { makeTensor, withValues } from '../../onnx/tensor.js';
import { dropUnread } from './unread.js';

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
 * @param store what becomes of an initializer with its new values
 */
export function bakeWeights(
  model: Model,
  weights: readonly Weight[],
  store: (initializer: Tensor) => Tensor = (initializer) => initializer,
): Model {
  const open: Open = new Map(weights.map((weight) => [weight.name, { weight, found: 0 }]));
  const freed: string[] = [];
  const graph = bakeGraph(model.graph, open, { freed, store });
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
  return { ...model, graph: declareWeights(dropUnread(graph, freed), model.irVersion, weights) };
}

type Open = Map<string, { weight: Weight; found: number }>;

interface Baking {
  readonly freed: string[];
  readonly store: (initializer: Tensor) => Tensor;
}

function bakeGraph(graph: Graph, open: Open, baking: Baking): Graph {
  const take = (name: string): Weight | undefined => {
    const entry = open.get(name);
    if (entry) entry.found++;
    return entry?.weight;
  };
  const added: Tensor[] = [];
  const initializers = graph.initializers.map((tensor) => {
    const weight = take(tensor.name);
    return weight ? baking.store(withValues(tensor, weight.values)) : tensor;
  });
  const nodes = graph.nodes.flatMap((node): Node[] => {
    const weight = node.outputs.length === 1 ? take(node.outputs[0]!) : undefined;
    if (!weight) return [replaceSubgraphs(node, (body) => bakeGraph(body, open, baking))];
    if (node.opType === 'Constant') return [bakeConstant(node, weight)];
    baking.freed.push(...node.inputs);
    added.push(baking.store(makeTensor(weight.name, weight.dataType, weight.dims, weight.values)));
    return [];
  });
  return { ...graph, nodes, initializers: [...initializers, ...added] };
}

function bakeConstant(node: Node, { values }: Weight): Node {
  const stored = tensorAttribute(node, 'value')!; // crossbar tensors are stored in no other form of Constant
  return { ...node, attributes: attributesOfConstant(withValues(stored, values)) };
}

/** Before IR version 4 every initializer must be listed among the inputs. */
function declareWeights(graph: Graph, irVersion: number, weights: readonly Weight[]): Graph {
  if (irVersion >= 4) return graph;
  const inputs = new Set(graph.inputs.map(({ name }) => name));
  const stored = new Set(graph.initializers.map(({ name }) => name));
  const missing = weights.filter(({ name }) => stored.has(name) && !inputs.has(name));
  const declared = missing.map(({ name, dataType, dims }) => tensorInfo(name, dataType, dims));
  return { ...graph, inputs: [...graph.inputs, ...declared] };
}
