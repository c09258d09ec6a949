/** Nodes, graphs and models from plain values, in the forms the rest of Temper writes them. */
import type { Attribute, Graph, Model, Node, Tensor, ValueInfo } from './model.js';

/**
 * number, bigint, boolean: INT; { float }: FLOAT; string: STRING; number[]: INTS; { floats }: FLOATS;
 * { strings }: STRINGS; { tensor }: TENSOR; { graph }: GRAPH.
 */
export type AttributeValue =
  | number
  | bigint
  | boolean
  | string
  | readonly number[]
  | { float: number }
  | { floats: readonly number[] }
  | { strings: readonly string[] }
  | { tensor: Tensor }
  | { graph: Graph };

const utf8 = new TextEncoder();

/** An attribute with its type; the numbers of the types are onnx.AttributeProto.AttributeType's. */
export function makeAttribute(name: string, value: AttributeValue): Attribute {
  if (typeof value === 'string') return { name, s: utf8.encode(value), type: 3 };
  if (typeof value !== 'object') return { name, i: BigInt(value), type: 2 };
  if ('float' in value) return { name, f: Math.fround(value.float), type: 1 };
  if ('floats' in value) return { name, floats: value.floats.map(Math.fround), type: 6 };
  if ('strings' in value) return { name, strings: value.strings.map((text) => utf8.encode(text)), type: 8 };
  if ('tensor' in value) return { name, t: value.tensor, type: 4 };
  if ('graph' in value) return { name, g: value.graph, type: 5 };
  return { name, ints: value.map(BigInt), type: 7 };
}

/** A node. An attribute whose value is `undefined` is left out; '' among the inputs stands for an optional one left out. */
export function makeNode(
  opType: string,
  inputs: readonly string[],
  outputs: readonly string[],
  attributes: Readonly<Record<string, AttributeValue | undefined>> = {},
  { name = '', domain = '' }: { name?: string; domain?: string } = {},
): Node {
  return {
    name,
    opType,
    domain,
    inputs: [...inputs],
    outputs: [...outputs],
    attributes: Object.entries(attributes).flatMap(([key, value]) =>
      value === undefined ? [] : [makeAttribute(key, value)],
    ),
  };
}

/** The type of a dense tensor. Without `shape` even the rank is unknown; a string is a symbolic dimension. */
export function tensorInfo(
  name: string,
  dataType: number,
  shape?: readonly (number | string | undefined)[],
): ValueInfo {
  return { name, tensorType: { elemType: dataType, ...(shape && { shape: [...shape] }) } };
}

export interface GraphParts {
  name?: string;
  nodes: readonly Node[];
  initializers?: readonly Tensor[];
  inputs: readonly ValueInfo[];
  outputs: readonly ValueInfo[];
  valueInfo?: readonly ValueInfo[];
}

export function makeGraph({
  name = 'graph',
  nodes,
  initializers = [],
  inputs,
  outputs,
  valueInfo = [],
}: GraphParts): Graph {
  return {
    nodes: [...nodes],
    name,
    initializers: [...initializers],
    inputs: [...inputs],
    outputs: [...outputs],
    valueInfo: [...valueInfo],
  };
}

export interface ModelOptions {
  /** Version of the default operator set; 21 brings int4. */
  opset?: number;
  irVersion?: number;
  metadata?: Readonly<Record<string, string>>;
  producerName?: string;
}

/** A model with the default operator set. IR version 10 is the first that knows int4, and what opset 21 came with. */
export function makeModel(graph: Graph, options: ModelOptions = {}): Model {
  const { opset = 21, irVersion = 10, metadata = {}, producerName = 'onnx-temper' } = options;
  return {
    irVersion,
    opsetImport: [{ domain: '', version: opset }],
    metadataProps: Object.entries(metadata).map(([key, value]) => ({ key, value })),
    functions: [],
    producerName,
    graph,
  };
}
