/**
 * Blocked convolutions take what follows them into the same pass: Relu as their activation, an addend as the sum they start from.
 * Per-channel scalings are such convolutions too, so that most of batch normalization's passes over memory end up in them.
 */
import { makeAttribute } from '../../onnx/build.js';
import type { Graph, Node } from '../../onnx/model.js';
import { usedBy } from '../prune.js';
import { blockedDomain } from './layout.js';

export function fuseConvolutions(graph: Graph): Graph {
  const summed = fuse(graph.nodes, graph, withAddend).map((node) =>
    node.opType === wholeSum ? { ...node, opType: 'Add' } : node,
  );
  return { ...graph, nodes: fuse(summed, graph, withActivation) };
}

/** What an addition of two whole blocked values is called until fusions are done: Add may also broadcast a number. */
export const wholeSum = 'Sum';

/** Where a value is made and read; the results of the graph are read after its end. */
interface Uses {
  readonly maker: ReadonlyMap<string, Node>;
  readonly readers: ReadonlyMap<string, readonly number[]>;
}

type Fusion = (node: Node, at: number, uses: Uses) => { merged: Node; instead: Node } | undefined;

function fuse(nodes: readonly Node[], graph: Graph, fusion: Fusion): Node[] {
  const uses = usesOf(nodes, graph);
  const dropped = new Set<Node>();
  const replaced = nodes.map((node, at) => {
    const fused = fusion(node, at, uses);
    if (!fused || dropped.has(fused.merged)) return node;
    dropped.add(fused.merged);
    return fused.instead;
  });
  return replaced.filter((node) => !dropped.has(node));
}

function usesOf(nodes: readonly Node[], graph: Graph): Uses {
  const maker = new Map<string, Node>();
  const readers = new Map<string, number[]>();
  const read = (name: string, at: number) => readers.set(name, [...(readers.get(name) ?? []), at]);
  nodes.forEach((node, at) => {
    for (const output of node.outputs) maker.set(output, node);
    for (const name of usedBy(node)) read(name, at);
  });
  for (const { name } of graph.outputs) read(name, nodes.length);
  return { maker, readers };
}

/** Relu(Conv) becomes a Conv with that activation, if nobody else wants to see what comes before it. */
function withActivation(node: Node, _at: number, uses: Uses) {
  const [input] = node.inputs;
  const merged = node.opType === 'Relu' && input ? openConvolution(input, uses) : undefined;
  if (!merged) return undefined;
  const attributes = [...merged.attributes, makeAttribute('activation', 'Relu')];
  return { merged, instead: { ...merged, name: node.name, outputs: node.outputs, attributes } };
}

/**
 * Conv + b starts from b, if this is the last to read b: then the kernel works in b's memory. Otherwise it would copy b
 * first, and nothing is gained.
 */
function withAddend(node: Node, at: number, uses: Uses) {
  if (node.opType !== wholeSum) return undefined;
  for (const [product, addend] of [node.inputs, [...node.inputs].reverse()] as [string, string][]) {
    const merged = openConvolution(product, uses);
    const readers = uses.readers.get(addend) ?? [];
    const free = uses.maker.has(addend) && readers.every((reader) => reader <= at);
    if (!merged || merged.inputs.length > 3 || product === addend || !free) continue;
    const [x = '', w = '', bias = ''] = merged.inputs;
    return {
      merged,
      instead: { ...merged, name: node.name, outputs: node.outputs, inputs: [x, w, bias, addend] },
    };
  }
  return undefined;
}

/** The blocked convolution that makes this value, if it has one reader and no activation yet. */
function openConvolution(name: string, uses: Uses): Node | undefined {
  const node = uses.maker.get(name);
  const open =
    node?.opType === 'Conv' &&
    node.domain === blockedDomain &&
    uses.readers.get(name)?.length === 1 &&
    node.attributes.every((attribute) => attribute.name !== 'activation');
  return open ? node : undefined;
}
