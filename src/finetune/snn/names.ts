/** Value and node names that the model does not use yet. */
import type { Graph } from '../../onnx/model.js';

/** A function that gives `base` back, or `base` with a number behind it if the graph has it already. */
export function freshNames(graph: Graph): (base: string) => string {
  const used = new Set([
    ...[...graph.inputs, ...graph.outputs, ...graph.initializers].map(({ name }) => name),
    ...graph.nodes.flatMap((node) => [node.name, ...node.inputs, ...node.outputs]),
  ]);
  return (base) => {
    let name = base;
    for (let i = 2; used.has(name); i++) name = `${base}_${i}`;
    used.add(name);
    return name;
  };
}
