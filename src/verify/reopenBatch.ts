/**
 * Many files fix their batch dimension (at 1, mostly). Judged one by one, their examples cost several times as much; so the
 * batch dimension is opened where that provably changes nothing (provedBatch.ts decides; this file only rewrites).
 */
import type { Graph, Model, Node, Tensor, ValueInfo } from '../onnx/model.js';
import { tensorValues, withValues } from '../onnx/tensor.js';
import { attributesOfConstant } from './graphEdit.js';

const symbol = 'temper_batch';

/** Rewritten models worth a try, most faithful first. `fixed` is the batch size in the file. */
export function reopenedModels(model: Model, input: string, fixed: number): Model[] {
  const opened: Model = { ...model, graph: openGraph(model.graph, input) };
  const reshaped: Model = { ...opened, graph: openReshapes(opened.graph, fixed) };
  return [opened, reshaped];
}

/** Free first dimensions of the input and the outputs; recorded shapes of intermediate values go, they would contradict. */
function openGraph(graph: Graph, input: string): Graph {
  return {
    ...graph,
    inputs: graph.inputs.map((info) => (info.name === input ? openInfo(info) : info)),
    outputs: graph.outputs.map(openInfo),
    valueInfo: [],
  };
}

function openInfo(info: ValueInfo): ValueInfo {
  const shape = info.tensorType?.shape;
  if (!shape || shape.length === 0) return info;
  return { ...info, tensorType: { ...info.tensorType!, shape: [symbol, ...shape.slice(1)] } };
}

/** Reshapes to a constant shape that starts with the fixed batch size keep whatever size comes in (0: "copy"). */
function openReshapes(graph: Graph, fixed: number): Graph {
  const shapes = new Set(
    graph.nodes.filter(({ opType }) => opType === 'Reshape').map((node) => node.inputs[1]),
  );
  const open = (tensor: Tensor): Tensor => {
    const values = tensorValues(tensor) as BigInt64Array;
    if (tensor.dims.length !== 1 || values[0] !== BigInt(fixed)) return tensor;
    return withValues(
      tensor,
      values.map((value, i) => (i === 0 ? 0n : value)),
    );
  };
  return {
    ...graph,
    initializers: graph.initializers.map((tensor) => (shapes.has(tensor.name) ? open(tensor) : tensor)),
    nodes: graph.nodes.map((node): Node => {
      const value = node.attributes.find(({ name }) => name === 'value')?.t;
      if (node.opType !== 'Constant' || !shapes.has(node.outputs[0]) || !value) return node;
      return { ...node, attributes: attributesOfConstant(open(value)) };
    }),
  };
}
