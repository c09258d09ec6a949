/** Everything that a graph stores, by name: initializers, Constant nodes, lists and tensors among the attributes. */
import type { Graph } from '../onnx/model.js';
import { walkNodes } from '../onnx/walk.js';
import { storedAttributes } from './contents.js';

export function everyStored(graph: Graph): string[] {
  return [...storedSizes(graph).keys()];
}

/** How many numbers each has. */
export function storedSizes(graph: Graph): Map<string, number> {
  const graphs = new Set([graph]);
  const sizes = new Map<string, number>();
  const add = (name: string, dims: readonly number[]) =>
    sizes.set(
      name,
      dims.reduce((product, size) => product * size, 1),
    );
  for (const { node, graph: around } of walkNodes(graph)) {
    graphs.add(around);
    for (const { stored } of storedAttributes(node)) add(stored.name, stored.dims);
  }
  for (const { initializers } of graphs) for (const { name, dims } of initializers) add(name, dims);
  return sizes;
}
