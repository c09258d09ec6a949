/**
 * New names that nothing of a graph has, in any graph inside of it: ONNX wants the names of values unique across subgraphs too,
 * and onnxruntime those of nodes.
 */
import type { Graph } from './model.js';
import { subgraphs } from './walk.js';

export type FreshName = (wish: string) => string;

function collect(graph: Graph, names: Set<string>): void {
  const values = [...graph.inputs, ...graph.outputs, ...graph.initializers, ...graph.valueInfo];
  for (const { name } of values) names.add(name);
  for (const { values } of graph.sparseInitializers ?? []) if (values) names.add(values.name);
  for (const node of graph.nodes) {
    for (const name of [node.name, ...node.inputs, ...node.outputs]) names.add(name);
    for (const body of subgraphs(node)) collect(body, names);
  }
}

/** Gives the wish itself, or with the first free number behind it; never the same name twice. */
export function freshNames(graph: Graph): FreshName {
  const names = new Set<string>();
  collect(graph, names);
  return (wish) => {
    let name = wish;
    for (let number = 1; names.has(name); number++) name = `${wish}_${number}`;
    names.add(name);
    return name;
  };
}
