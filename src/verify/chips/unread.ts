/** Clears what baking leaves behind: codes, scales and quantizers that only the replaced weights read. */

import { replaceSubgraphs } from '../../onnx/graphEdit.js';
import type { Graph } from '../../onnx/model.js';
import { walkNodes } from '../../onnx/walk.js';

/** Without the initializers and nodes that make the values `names` (and what only these read), if nothing reads them. */
export function dropUnread(graph: Graph, names: readonly string[]): Graph {
  const read = readNames(graph);
  const unread = new Set(names.filter((name) => name && !read.has(name)));
  if (unread.size === 0) return graph;
  const freed: string[] = [];
  return dropUnread(without(graph, unread, freed), freed);
}

function readNames(graph: Graph): Set<string> {
  const read = new Set(graph.outputs.map(({ name }) => name));
  for (const { node, graph: around } of walkNodes(graph)) {
    for (const name of node.inputs) read.add(name);
    for (const { name } of around.outputs) read.add(name);
  }
  return read;
}

function without(graph: Graph, unread: ReadonlySet<string>, freed: string[]): Graph {
  const stored = new Set(graph.initializers.map(({ name }) => name));
  const nodes = graph.nodes.flatMap((node) => {
    const makers = node.outputs.filter(Boolean);
    if (makers.length > 0 && makers.every((name) => unread.has(name))) {
      freed.push(...node.inputs);
      return [];
    }
    return [replaceSubgraphs(node, (body) => without(body, unread, freed))];
  });
  return {
    ...graph,
    nodes,
    initializers: graph.initializers.filter(({ name }) => !unread.has(name)),
    inputs: graph.inputs.filter(({ name }) => !(unread.has(name) && stored.has(name))),
  };
}
