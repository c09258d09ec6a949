/** Dead code elimination on a finished graph: nodes and initializers that no output needs are dropped. */
import type { Graph, Node } from '../onnx/model.js';

export function pruneNodes(graph: Graph): Graph {
  const needed = new Set(graph.outputs.map((output) => output.name));
  const kept: Node[] = [];
  for (const node of [...graph.nodes].reverse()) {
    if (!node.outputs.some((name) => needed.has(name))) continue;
    kept.push(node);
    for (const name of usedBy(node)) needed.add(name);
  }
  const initializers = graph.initializers.filter((tensor) => needed.has(tensor.name));
  return { ...graph, nodes: kept.reverse(), initializers };
}

/** Every name a node reads, those that its subgraphs capture included. */
export function* usedBy(node: Node): Iterable<string> {
  for (const name of node.inputs) if (name !== '') yield name;
  for (const attribute of node.attributes) {
    for (const graph of attribute.g ? [attribute.g] : (attribute.graphs ?? [])) {
      for (const output of graph.outputs) yield output.name;
      for (const inner of graph.nodes) yield* usedBy(inner);
    }
  }
}

/** The node with the values it reads and writes renamed, in its subgraphs too. */
export function renameValues(node: Node, names: ReadonlyMap<string, string>): Node {
  const rename = (name: string) => names.get(name) ?? name;
  const inGraph = (graph: Graph): Graph => ({
    ...graph,
    nodes: graph.nodes.map((inner) => renameValues(inner, names)),
    outputs: graph.outputs.map((output) => ({ ...output, name: rename(output.name) })),
  });
  return {
    ...node,
    inputs: node.inputs.map(rename),
    outputs: node.outputs.map(rename),
    attributes: node.attributes.map((a) => (a.g ? { ...a, g: inGraph(a.g) } : a)),
  };
}
