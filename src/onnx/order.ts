/**
 * The nodes of a graph in an order in which they can be computed. ONNX asks for it in the file, but converters append nodes at
 * the end (casts of inputs and outputs, as a rule), and onnxruntime sorts them, those of bodies excepted. A view to compute
 * from, never to be written.
 */
import type { Graph, Node } from './model.js';
import { subgraphs } from './walk.js';

/** The same graph if it is in order, or in none: a circle of nodes stays as it is, for whoever computes to refuse. */
export function inOrder(graph: Graph): Graph {
  const nodes = sorted(graph.nodes);
  return nodes === graph.nodes ? graph : { ...graph, nodes };
}

/** Each node after those whose values it uses, and else in the order of the file. */
function sorted(nodes: Node[]): Node[] {
  const makers = new Map<string, number>();
  nodes.forEach((node, index) => {
    for (const name of node.outputs) if (name !== '' && !makers.has(name)) makers.set(name, index);
  });
  const needs = nodes.map((node) => usedBy(node).flatMap((name) => makers.get(name) ?? []));
  if (needs.every((indices, at) => indices.every((index) => index < at))) return nodes;
  const order: Node[] = [];
  const state = new Uint8Array(nodes.length);
  const [waiting, done] = [1, 2];
  for (const first of nodes.keys()) {
    // By hand: a chain of a hundred thousand nodes would overflow the stack.
    const stack = [first];
    while (stack.length > 0) {
      const at = stack.at(-1)!;
      const missing = state[at] === 0 ? needs[at]!.filter((index) => state[index] !== done) : [];
      if (missing.some((index) => state[index] === waiting)) return nodes;
      if (state[at] === 0) state[at] = waiting;
      if (missing.length > 0) {
        stack.push(...missing.reverse());
        continue;
      }
      stack.pop();
      if (state[at] === done) continue;
      state[at] = done;
      order.push(nodes[at]!);
    }
  }
  return order;
}

/** Values that a node, or a node in one of its graphs, takes. */
function usedBy(node: Node): string[] {
  const names = [...node.inputs];
  for (const { nodes, outputs } of subgraphs(node)) {
    for (const inner of nodes) for (const name of usedBy(inner)) names.push(name);
    for (const { name } of outputs) names.push(name);
  }
  return names;
}
