/**
 * Many files fix their batch dimension (at 1, mostly). Judged one by one, their examples cost several times as much; so the
 * batch dimension is opened where that provably changes nothing (provedBatch.ts decides; this file only rewrites).
 */
import { tensorAttribute } from '../../onnx/attributes.js';
import { attributesOfConstant } from '../../onnx/graphEdit.js';
import type { Graph, Model, Node, Tensor, ValueInfo } from '../../onnx/model.js';
import { tensorValues, withValues } from '../../onnx/tensor.js';

const symbol = 'temper_batch';

/** Rewritten models worth a try, the likeliest first: onnxruntime complains aloud of one that does not run. */
export function reopenedModels(model: Model, input: string, fixed: number): Model[] {
  const opened: Model = { ...model, graph: openGraph(model.graph, input) };
  const graph = openReshapes(opened.graph, fixed);
  return graph === opened.graph ? [opened] : [{ ...opened, graph }, opened];
}

/** A free first dimension of the input. Recorded shapes of what the graph makes go, outputs included: they would contradict. */
function openGraph(graph: Graph, input: string): Graph {
  return {
    ...graph,
    inputs: graph.inputs.map((info) => (info.name === input ? openInfo(info) : info)),
    outputs: graph.outputs.map(withoutShape),
    valueInfo: [],
  };
}

function openInfo(info: ValueInfo): ValueInfo {
  const shape = info.tensorType?.shape;
  if (!shape || shape.length === 0) return info;
  return { ...info, tensorType: { ...info.tensorType!, shape: [symbol, ...shape.slice(1)] } };
}

function withoutShape(info: ValueInfo): ValueInfo {
  if (!info.tensorType) return info;
  const { shape: _, ...tensorType } = info.tensorType;
  return { ...info, tensorType };
}

/**
 * Reshapes to a constant shape that starts with the fixed batch size take whatever size comes in: -1 ("what is left") or,
 * beside another -1, 0 ("copy"). The same graph if there are none.
 */
function openReshapes(graph: Graph, fixed: number): Graph {
  const shapes = new Set(
    graph.nodes.filter(({ opType }) => opType === 'Reshape').map((node) => node.inputs[1]),
  );
  const open = (tensor: Tensor): Tensor => {
    if (tensor.dims.length !== 1) return tensor;
    const [first, ...rest] = tensorValues(tensor) as BigInt64Array;
    if (first !== BigInt(fixed)) return tensor;
    return withValues(tensor, [rest.includes(-1n) ? 0n : -1n, ...rest]);
  };
  const initializers = graph.initializers.map((tensor) => (shapes.has(tensor.name) ? open(tensor) : tensor));
  const nodes = graph.nodes.map((node): Node => {
    const value = shapes.has(node.outputs[0]) ? tensorAttribute(node, 'value') : undefined;
    if (node.opType !== 'Constant' || !value) return node;
    const opened = open(value);
    return opened === value ? node : { ...node, attributes: attributesOfConstant(opened) };
  });
  const changed =
    initializers.some((tensor, i) => tensor !== graph.initializers[i]) ||
    nodes.some((node, i) => node !== graph.nodes[i]);
  return changed ? { ...graph, initializers, nodes } : graph;
}
