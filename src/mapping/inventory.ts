/** Names of everything that a graph stores: initializers, Constant nodes, lists and tensors among the attributes. */
import type { Graph } from '../onnx/model.js';
import { walkNodes } from '../onnx/walk.js';
import { storedAttributes } from './contents.js';

export function everyStored(graph: Graph): string[] {
  const graphs = new Set([graph]);
  const names = new Set<string>();
  for (const { node, graph: around } of walkNodes(graph)) {
    graphs.add(around);
    for (const { stored } of storedAttributes(node)) names.add(stored.name);
  }
  for (const { initializers } of graphs) for (const { name } of initializers) names.add(name);
  return [...names];
}
