/** New constants of a graph. Before IR version 4 every initializer had to be listed as a graph input too. */
import { tensorInfo } from '../onnx/build.js';
import type { Graph, Tensor } from '../onnx/model.js';

export function withInitializers(graph: Graph, tensors: readonly Tensor[], irVersion: number): Graph {
  if (tensors.length === 0) return graph;
  const listed =
    irVersion < 4 ? tensors.map(({ name, dataType, dims }) => tensorInfo(name, dataType, dims)) : [];
  return {
    ...graph,
    initializers: [...graph.initializers, ...tensors],
    inputs: [...graph.inputs, ...listed],
  };
}

/** The graph without these constants, also where they are listed as inputs. */
export function withoutInitializers(graph: Graph, names: ReadonlySet<string>): Graph {
  const kept = ({ name }: { name: string }) => !names.has(name);
  return { ...graph, initializers: graph.initializers.filter(kept), inputs: graph.inputs.filter(kept) };
}
