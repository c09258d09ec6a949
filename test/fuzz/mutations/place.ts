/** Where structured mutations strike: a graph, node, tensor or value of a model, anywhere in its nesting. */
import type { Graph, Model, Node, Tensor, ValueInfo } from '../../../src/onnx/model.js';
import { subgraphs, walkNodes } from '../../../src/onnx/walk.js';
import type { Draw } from '../draw.js';

export function graphsOf(model: Model): Graph[] {
  return [model.graph, ...nodesOf(model).flatMap(subgraphs)];
}

export function nodesOf(model: Model): Node[] {
  return [
    ...[...walkNodes(model.graph)].map(({ node }) => node),
    ...model.functions.flatMap(({ nodes }) => nodes),
  ];
}

export function tensorsOf(model: Model): Tensor[] {
  return [
    ...graphsOf(model).flatMap(({ initializers }) => initializers),
    ...nodesOf(model).flatMap(({ attributes }) => attributes.flatMap(({ t }) => (t ? [t] : []))),
  ];
}

export function valuesOf(model: Model): ValueInfo[] {
  return graphsOf(model).flatMap(({ inputs, outputs, valueInfo }) => [...inputs, ...outputs, ...valueInfo]);
}

/** Names of all values that a graph makes or is given. */
export function namesIn(graph: Graph): string[] {
  return [
    ...graph.inputs.map(({ name }) => name),
    ...graph.initializers.map(({ name }) => name),
    ...graph.nodes.flatMap(({ outputs }) => outputs),
  ];
}

/** Strikes at one of these, if there is any. */
export function strike<T>(draw: Draw, places: readonly T[], hit: (place: T) => void): void {
  if (places.length > 0) hit(draw.pick(places));
}
