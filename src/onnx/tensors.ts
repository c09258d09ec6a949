/** All tensors of a model, wherever they stand: initializers, attributes, sparse ones; also in subgraphs and functions. */
import type { Attribute, Graph, Model, Node, SparseTensor, Tensor } from './model.js';

type TensorChange = (tensor: Tensor) => Tensor;

/** The model with every tensor replaced by `change(tensor)`. What did not change is shared with the original. */
export function mapTensors(model: Model, change: TensorChange): Model {
  const functions = mapList(model.functions, (body) =>
    merge(body, { nodes: mapList(body.nodes, (n) => inNode(n, change)) }),
  );
  const trainingInfo = mapList(model.trainingInfo, (info) =>
    merge(info, {
      initialization: info.initialization && inGraph(info.initialization, change),
      algorithm: info.algorithm && inGraph(info.algorithm, change),
    }),
  );
  return merge(model, { graph: inGraph(model.graph, change), functions, trainingInfo });
}

function inGraph(graph: Graph, change: TensorChange): Graph {
  return merge(graph, {
    nodes: mapList(graph.nodes, (node) => inNode(node, change)),
    initializers: mapList(graph.initializers, change),
    sparseInitializers: mapList(graph.sparseInitializers, (sparse) => inSparse(sparse, change)),
  });
}

function inNode(node: Node, change: TensorChange): Node {
  return merge(node, { attributes: mapList(node.attributes, (attribute) => inAttribute(attribute, change)) });
}

function inAttribute(attribute: Attribute, change: TensorChange): Attribute {
  const { t, tensors, g, graphs, sparseTensor, sparseTensors } = attribute;
  return merge(attribute, {
    t: t && change(t),
    tensors: mapList(tensors, change),
    g: g && inGraph(g, change),
    graphs: mapList(graphs, (graph) => inGraph(graph, change)),
    sparseTensor: sparseTensor && inSparse(sparseTensor, change),
    sparseTensors: mapList(sparseTensors, (sparse) => inSparse(sparse, change)),
  });
}

function inSparse(sparse: SparseTensor, change: TensorChange): SparseTensor {
  const { values, indices } = sparse;
  return merge(sparse, { values: values && change(values), indices: indices && change(indices) });
}

/** The object with these fields set; the same object if none of them differs, and no `undefined` fields added. */
function merge<T extends object>(original: T, fields: { [K in keyof T]?: T[K] | undefined }): T {
  const changed = Object.entries(fields).filter(([key, value]) => value !== original[key as keyof T]);
  return changed.length === 0 ? original : { ...original, ...Object.fromEntries(changed) };
}

function mapList<T, L extends T[] | undefined>(list: L & (T[] | undefined), change: (item: T) => T): L {
  const changed = list?.map(change);
  return (changed?.some((item, index) => item !== list?.[index]) ? changed : list) as L;
}
