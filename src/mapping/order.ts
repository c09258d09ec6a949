/** The order in which the nodes of a graph can compute. Files may list them in any; onnxruntime sorts them itself. */
import { lookUp } from '../lists/lookUp.js';
import type { Graph, Node } from '../onnx/model.js';
import { producerMap, subgraphs } from '../onnx/walk.js';

/** Names that a body takes from the graphs around it, by graph: bodies within bodies are asked for again and again. */
const captured = new WeakMap<Graph, readonly string[]>();

export function capturedNames(body: Graph): readonly string[] {
  const found = captured.get(body);
  if (found) return found;
  const { inputs, initializers, sparseInitializers = [], nodes, outputs } = body;
  const own = new Set([
    ...[...inputs, ...initializers].map(({ name }) => name),
    ...sparseInitializers.map(({ values }) => values?.name ?? ''),
    ...nodes.flatMap((node) => node.outputs),
  ]);
  const used = new Set([...nodes.flatMap(readNames), ...outputs.map(({ name }) => name)]);
  const names = [...used].filter((name) => !own.has(name));
  captured.set(body, names);
  return names;
}

/** Everything a node reads: its inputs, and what its bodies take from around them. */
export function readNames(node: Node): string[] {
  return [...node.inputs.filter(Boolean), ...subgraphs(node).flatMap(capturedNames)];
}

/** Every node after those that make what it reads, otherwise in file order; nodes of a cycle at the end. */
export function inOrder(graph: Graph): Node[] {
  const producers = producerMap(graph);
  if (isOrdered(graph, producers)) return graph.nodes;
  const readers = new Map<Node, Node[]>();
  const waitingFor = new Map<Node, number>();
  for (const node of graph.nodes) {
    const makers = new Set(readNames(node).flatMap((name) => producers.get(name) ?? []));
    waitingFor.set(node, makers.size);
    for (const maker of makers) {
      const known = readers.get(maker);
      if (known) known.push(node);
      else readers.set(maker, [node]);
    }
  }
  const ready = graph.nodes.filter((node) => waitingFor.get(node) === 0);
  for (const node of ready) {
    for (const reader of readers.get(node) ?? []) {
      const left = lookUp(waitingFor, reader, 'number of makers') - 1;
      waitingFor.set(reader, left);
      if (left === 0) ready.push(reader);
    }
  }
  const done = new Set(ready);
  return [...ready, ...graph.nodes.filter((node) => !done.has(node))];
}

function isOrdered(graph: Graph, producers: ReadonlyMap<string, Node>): boolean {
  const made = new Set<Node>();
  return graph.nodes.every((node) => {
    const ordered = readNames(node).every((name) => {
      const maker = producers.get(name);
      return !maker || made.has(maker);
    });
    made.add(node);
    return ordered;
  });
}

/** The nodes that an output of the graph needs. */
export function neededNodes(graph: Graph): Set<Node> {
  const producers = producerMap(graph);
  const needed = new Set<Node>();
  const open = graph.outputs.flatMap(({ name }) => producers.get(name) ?? []);
  for (let node = open.pop(); node; node = open.pop()) {
    if (needed.has(node)) continue;
    needed.add(node);
    for (const name of readNames(node)) {
      const maker = producers.get(name);
      if (maker) open.push(maker);
    }
  }
  return needed;
}

/** Operators whose result follows from the shape of their operand. */
export const ofShapeAlone: ReadonlySet<string> = new Set(['Shape', 'Size', 'EyeLike']);

/** The names, and those of everything that follows from their values. */
export function reachedFrom(graph: Graph, names: Iterable<string>): Set<string> {
  const reached = new Set(names);
  for (const node of inOrder(graph)) {
    if (ofShapeAlone.has(node.opType) || !readNames(node).some((name) => reached.has(name))) continue;
    for (const name of node.outputs) if (name) reached.add(name);
  }
  return reached;
}
