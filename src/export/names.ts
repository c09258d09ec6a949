/** New value names that no value of a model has, in any of its graphs: ONNX wants names unique across subgraphs too. */
import type { Graph, Model } from '../onnx/model.js';
import { subgraphs } from '../onnx/walk.js';

export type FreshName = (wish: string) => string;

function collect(graph: Graph, names: Set<string>): void {
  for (const { name } of [...graph.inputs, ...graph.outputs, ...graph.initializers]) names.add(name);
  for (const { values } of graph.sparseInitializers ?? []) if (values) names.add(values.name);
  for (const node of graph.nodes) {
    for (const name of [...node.inputs, ...node.outputs]) names.add(name);
    for (const body of subgraphs(node)) collect(body, names);
  }
}

/** Gives the wish itself, or with the first free number behind it; never the same name twice. */
export function freshNames(model: Model): FreshName {
  const names = new Set<string>();
  collect(model.graph, names);
  return (wish) => {
    let name = wish;
    for (let number = 1; names.has(name); number++) name = `${wish}_${number}`;
    names.add(name);
    return name;
  };
}
