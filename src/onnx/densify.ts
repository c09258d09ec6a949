/** Sparse tensors written out (ONNX IR specification, SparseTensorProto): a chip holds the zeros too. */
import { TemperError } from '../errors.js';
import { makeAttribute } from './build.js';
import type { Graph, Model, Node, SparseTensor, Tensor } from './model.js';
import { elementCount, makeTensor, tensorValues } from './tensor.js';
import { subgraphs } from './walk.js';

/** A few numbers of a sparse tensor may claim any extent: no more than constants that are made (extremes.ts). */
const mostElements = 2 ** 27;

/** The model with dense tensors in place of its sparse initializers and sparse Constants; the same one if it has none. */
export function densified(model: Model): Model {
  const graph = inGraph(model.graph);
  const functions = model.functions.map((body) => {
    const nodes = inNodes(body.nodes);
    return nodes === body.nodes ? body : { ...body, nodes };
  });
  const same = graph === model.graph && functions.every((body, i) => body === model.functions[i]);
  return same ? model : { ...model, graph, functions };
}

function inGraph(graph: Graph): Graph {
  const nodes = inNodes(graph.nodes);
  const { sparseInitializers = [], ...rest } = graph;
  if (sparseInitializers.length === 0) return nodes === graph.nodes ? graph : { ...graph, nodes };
  const dense = sparseInitializers.map((sparse) => toDense(sparse, sparse.values?.name ?? ''));
  return { ...rest, nodes, initializers: [...graph.initializers, ...dense] };
}

function inNodes(nodes: Node[]): Node[] {
  const changed = nodes.map(inNode);
  return changed.every((node, i) => node === nodes[i]) ? nodes : changed;
}

function inNode(node: Node): Node {
  const isSparse = node.opType === 'Constant' && node.attributes.some(({ sparseTensor }) => sparseTensor);
  if (!isSparse && subgraphs(node).length === 0) return node;
  const attributes = node.attributes.map((attribute) => {
    const { g, graphs, sparseTensor } = attribute;
    if (isSparse && sparseTensor) return makeAttribute('value', { tensor: toDense(sparseTensor, '') });
    const inner = g && inGraph(g);
    const bodies = graphs?.map(inGraph);
    const same = inner === g && (bodies ?? []).every((body, i) => body === graphs![i]);
    return same ? attribute : { ...attribute, ...(inner && { g: inner }), ...(bodies && { graphs: bodies }) };
  });
  return attributes.every((attribute, i) => attribute === node.attributes[i])
    ? node
    : { ...node, attributes };
}

/** Indices are positions in row-major order, or one row of coordinates each. */
function toDense({ values, indices, dims }: SparseTensor, name: string): Tensor {
  const size = elementCount(dims);
  if (!values || !indices || size > mostElements) {
    const what =
      values && indices
        ? `sparse tensor of [${dims.join(', ')}] is too large to be written out`
        : 'sparse tensor without values or indices';
    throw new TemperError('model', { what, where: `tensor "${name}"`, hint: 'store the tensor densely' });
  }
  const stored = tensorValues(values);
  const places = Array.from(tensorValues(indices) as ArrayLike<number | bigint>, Number);
  const rank = indices.dims.length === 2 ? dims.length : 1;
  // Of the kind of what is stored, so that it is copied at once, not number by number.
  const dense = new (stored.constructor as new (length: number) => typeof stored)(size);
  for (let i = 0; i < stored.length; i++) {
    const coordinates = places.slice(i * rank, (i + 1) * rank);
    const place =
      rank === 1 ? coordinates[0]! : coordinates.reduce((sum, at, axis) => sum * dims[axis]! + at, 0);
    if (!(place >= 0 && place < size))
      throw new TemperError('model', {
        what: `index ${place} lies outside of sparse tensor [${dims.join(', ')}]`,
        where: `tensor "${name}"`,
      });
    dense[place] = stored[i]!;
  }
  return makeTensor(name, values.dataType, dims, dense);
}
