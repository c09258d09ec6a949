/** How many numbers each stored tensor has, by name: initializers, sparse ones, and Constant nodes, in all graphs. */
import { tensorAttribute } from '../onnx/attributes.js';
import { inlineFunctions } from '../onnx/inline.js';
import type { Graph, Model } from '../onnx/model.js';
import { subgraphs } from '../onnx/walk.js';

export function storedSizes(model: Model): Map<string, number> {
  const sizes = new Map<string, number>();
  const collect = (graph: Graph) => {
    for (const { name, dims } of graph.initializers) sizes.set(name, sizeOf(dims));
    for (const { values, dims } of graph.sparseInitializers ?? [])
      if (values) sizes.set(values.name, sizeOf(dims));
    for (const node of graph.nodes) {
      const value = node.opType === 'Constant' ? tensorAttribute(node, 'value') : undefined;
      if (value && node.outputs[0]) sizes.set(node.outputs[0], sizeOf(value.dims));
      for (const body of subgraphs(node)) collect(body);
    }
  };
  collect(inlineFunctions(model).graph);
  return sizes;
}

function sizeOf(dims: readonly number[]): number {
  return dims.reduce((product, size) => product * size, 1);
}
