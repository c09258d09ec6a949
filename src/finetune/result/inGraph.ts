/** The model that training ends with: the source graph with new parameter values, and nothing else changed. */
import { nearestCodes } from '../../network/grid.js';
import type { Network } from '../../network/network.js';
import { DataType, type Model, type Node, type Tensor } from '../../onnx/model.js';
import { tensorView, withValues } from '../../onnx/tensor.js';
import type { HostTensors } from '../step/host.js';

/** @param values of the network by parameter name, unrounded */
export function inGraph(
  { model, network }: { readonly model: Model; readonly network: Network },
  values: HostTensors,
): Model {
  return withParameters(model, stored(network, values));
}

/** Parameters as the file stores them. What a QuantizeLinear rounds is stored unrounded. */
function stored(network: Network, parameters: HostTensors): Map<string, Float32Array | Int32Array> {
  const entries = Object.entries(parameters).map(([name, { dims, data }]) => {
    const values = data as Float32Array;
    const grid = network.parameters.get(name)?.grid;
    return [name, grid && !grid.quantized ? nearestCodes(values, dims, grid) : values] as const;
  });
  return new Map(entries);
}

/**
 * `model` with the values of parameters replaced, or with their codes: by name of the initializer, or of the output of a
 * Constant node.
 * Storage and type stay (float16 is rounded to nearest); a tensor whose values did not change stays byte for byte.
 * Throws if a parameter is not in the main graph.
 */
function withParameters(model: Model, values: ReadonlyMap<string, Float32Array | Int32Array>): Model {
  const missing = new Set(values.keys());
  const replaced = (name: string, tensor: Tensor): Tensor => {
    missing.delete(name);
    const next = values.get(name)!;
    return isSame(tensor, next) ? tensor : withValues(tensor, next);
  };
  const initializers = model.graph.initializers.map((tensor) =>
    values.has(tensor.name) ? replaced(tensor.name, tensor) : tensor,
  );
  const nodes = model.graph.nodes.map((node) => {
    const name = node.outputs[0];
    return node.opType === 'Constant' && name && values.has(name) ? withConstant(node, replaced) : node;
  });
  if (missing.size > 0) throw new Error(`parameters that are not in the graph: ${[...missing].join(', ')}`);
  return { ...model, graph: { ...model.graph, initializers, nodes } };
}

/** Equal as numbers: a zero keeps the sign it is stored with. */
function isSame(tensor: Tensor, next: Float32Array | Int32Array): boolean {
  const stored = tensorView(tensor) as ArrayLike<number>;
  // A double is compared as the float32 it was trained as.
  return next.every(
    (value: number, i: number) =>
      value === Math.fround(stored[i]!) || (Number.isNaN(value) && Number.isNaN(stored[i]!)),
  );
}

/** A Constant holds its values in a tensor, a number or a list of numbers. */
function withConstant(node: Node, replaced: (name: string, tensor: Tensor) => Tensor): Node {
  const name = node.outputs[0]!;
  const attributes = node.attributes.map((attribute) => {
    if (attribute.name === 'value' && attribute.t) return { ...attribute, t: replaced(name, attribute.t) };
    const numbers = attribute.name === 'value_float' ? [attribute.f ?? 0] : attribute.floats;
    if (!attribute.name.startsWith('value_float') || !numbers) return attribute;
    const next = replaced(name, {
      name,
      dataType: DataType.FLOAT,
      dims: [numbers.length],
      floatData: numbers,
    }).floatData!;
    return attribute.name === 'value_float' ? { ...attribute, f: next[0]! } : { ...attribute, floats: next };
  });
  return { ...node, attributes };
}
