/**
 * Model-local functions put in place of their calls (ONNX IR specification, "Functions"): a view to compute from, never to
 * be written. Each node keeps the operator set of the function it stands in, and says how it came to be there.
 */

import { inBody, inFunction, nodeLabel, nodeLabels, shortened } from './label.js';
import type { Attribute, Graph, LocalFunction, Model, Node } from './model.js';
import { inOrder } from './order.js';
import { isStandard, opsetVersion, subgraphs, walkNodes } from './walk.js';

/** What the view knows of a node beyond the node itself. */
export interface Placement {
  /** Version of the default operator set that holds for the node. */
  readonly opset: number;
  /** How messages name it: with the body it stands in, or the function and the call of that. */
  readonly label: string;
  /** Why the call that this node is was left in place. */
  readonly refusal?: string;
}

export interface Inlined {
  readonly graph: Graph;
  /** Of every node, those of bodies included. */
  readonly placements: ReadonlyMap<Node, Placement>;
  /** How often each function was put in place of a call. */
  readonly calls: ReadonlyMap<LocalFunction, number>;
  /** Whether a value is one of a function's own, under a name that the file does not have. */
  isInside(name: string): boolean;
}

/** Calls within calls, and graphs within graphs. */
const deepest = 100;
/** Nodes and their operands after inlining. Functions that call one another twice each would grow without end. */
export const inlinedLimit = 50_000;

/**
 * The graph without calls of local functions, but those that cannot be expanded: their placement says why. The nodes stand in
 * an order in which they can be computed; their labels say where they stand in the file.
 */
export function inlineFunctions(model: Model): Inlined {
  const inlined = withoutCalls(model);
  return { ...inlined, graph: inOrder(inlined.graph) };
}

function withoutCalls(model: Model): Inlined {
  const opset = opsetVersion(model);
  if (model.functions.length === 0) {
    const labels = [...nodeLabels(model.graph)];
    const placements = new Map(labels.map(([node, label]) => [node, { opset, label }]));
    return { graph: model.graph, placements, calls: new Map(), isInside: () => false };
  }
  const inliner = new Inliner(model);
  const graph = inliner.graph(model.graph, { opset, depth: 0 });
  const { placements, calls, prefix } = inliner;
  // Only graphs that are defaults of a function's attributes are left.
  if ([...walkNodes(graph)].some(({ node }) => !placements.has(node)))
    for (const [node, label] of nodeLabels(graph))
      if (!placements.has(node)) placements.set(node, { opset, label });
  return { graph, placements, calls, isInside: (name) => name.startsWith(prefix) };
}

/** What a node is seen from: the main graph, or one call of a function. */
interface Frame {
  readonly opset: number;
  readonly depth: number;
  readonly call?: FunctionCall | undefined;
}

interface FunctionCall {
  readonly body: LocalFunction;
  /** Values of the function by the names they have outside; others get the prefix. */
  readonly names: ReadonlyMap<string, string>;
  readonly prefix: string;
  readonly attributes: ReadonlyMap<string, Attribute>;
  /** The call whose function holds this one. */
  readonly outer: FunctionCall | undefined;
}

class Inliner {
  readonly placements = new Map<Node, Placement>();
  readonly calls = new Map<LocalFunction, number>();
  readonly #functions: ReadonlyMap<string, LocalFunction>;
  readonly prefix: string;
  readonly #graphSizes = new Map<Graph, number>();
  #number = 0;
  #size = 0;

  constructor(model: Model) {
    // The standard wins over a function that has taken the name of one of its operators, as in onnxruntime.
    const bodies = model.functions.filter(({ domain }) => !isStandard({ domain }));
    this.#functions = new Map(bodies.map((body) => [keyOf(body.domain, body.name, body.overload), body]));
    this.prefix = unusedPrefix(model);
  }

  graph(graph: Graph, frame: Frame, around = ''): Graph {
    const nodes = graph.nodes.flatMap((node, index) =>
      this.#node(node, nodeLabel(node, index, around), frame),
    );
    const { call } = frame;
    if (!call) return nodes.every((node, i) => node === graph.nodes[i]) ? graph : { ...graph, nodes };
    const renamed = <T extends { name: string }>(value: T): T => ({
      ...value,
      name: rename(value.name, call),
    });
    return {
      ...graph,
      nodes,
      initializers: graph.initializers.map(renamed),
      inputs: graph.inputs.map(renamed),
      outputs: graph.outputs.map(renamed),
      valueInfo: [],
    };
  }

  #node(node: Node, label: string, frame: Frame): Node[] {
    this.#size += 1 + node.inputs.length + node.outputs.length + node.attributes.length;
    const placed = this.#placed(node, frame, label);
    const body = this.#functions.get(keyOf(node.domain, node.opType, node.overload));
    const refusal = body && (this.#refusal(body, frame) ?? mismatch(placed, body));
    if (body && refusal === undefined) return this.#expanded(placed, body, label, frame);
    this.placements.set(placed, { opset: frame.opset, label, ...(refusal !== undefined && { refusal }) });
    return [placed];
  }

  /** The node under the names its values have outside of the function, with the attributes of the call. */
  #placed(node: Node, frame: Frame, label: string): Node {
    const { call } = frame;
    const attributes = node.attributes.flatMap((attribute) => this.#attribute(attribute, frame, label));
    if (call) {
      const named = (names: readonly string[]) => names.map((name) => rename(name, call));
      return { ...node, inputs: named(node.inputs), outputs: named(node.outputs), attributes };
    }
    const same = attributes.every((attribute, i) => attribute === node.attributes[i]);
    return same ? node : { ...node, attributes };
  }

  #attribute(attribute: Attribute, frame: Frame, label: string): Attribute[] {
    const { call } = frame;
    const { refAttrName, g, graphs } = attribute;
    if (refAttrName && call && declares(call.body, refAttrName)) {
      const given = call.attributes.get(refAttrName);
      this.#size += given ? this.#graphSize(given) : 0;
      // Beyond the limit the reference stays, and is refused as such.
      if (this.#size > inlinedLimit) return [attribute];
      return given ? [{ ...given, name: attribute.name }] : [];
    }
    if (!g && !graphs) return [attribute];
    const inner = { ...frame, depth: frame.depth + 1 };
    // A graph without its nodes is refused: nothing makes its outputs.
    const within = (graph: Graph) =>
      inner.depth > deepest
        ? { ...graph, nodes: [] }
        : this.graph(graph, inner, inBody(attribute.name, label));
    const changed = {
      ...attribute,
      ...(g && { g: within(g) }),
      ...(graphs && { graphs: graphs.map(within) }),
    };
    const same = changed.g === g && (changed.graphs?.every((graph, i) => graph === graphs![i]) ?? true);
    return [same ? attribute : changed];
  }

  /** Nodes of the graphs that an attribute holds. Graphs handed on twice by each of many functions double each time. */
  #graphSize({ g, graphs = [] }: Attribute): number {
    const sizes = [...(g ? [g] : []), ...graphs].map((graph) => {
      const known = this.#graphSizes.get(graph);
      if (known !== undefined) return known;
      const attributes = graph.nodes.flatMap((node) => node.attributes);
      const size = attributes.reduce((sum, each) => sum + this.#graphSize(each), graph.nodes.length);
      this.#graphSizes.set(graph, size);
      return size;
    });
    return sizes.reduce((sum, size) => sum + size, 0);
  }

  #refusal(body: LocalFunction, frame: Frame): string | undefined {
    for (let at = frame.call; at; at = at.outer)
      if (at.body === body)
        return `the function calls itself (${shortened(pathTo(frame.call))} > ${body.name})`;
    if (frame.depth >= deepest) return `functions call functions more than ${deepest} deep`;
    if (this.#size <= inlinedLimit) return undefined;
    return `the model grows beyond ${inlinedLimit} nodes and operands when its functions are put in place of their calls`;
  }

  #expanded(node: Node, body: LocalFunction, label: string, outer: Frame): Node[] {
    const names = new Map(body.inputs.map((name, i) => [name, node.inputs[i] ?? '']));
    const passed: [string, string][] = [];
    body.outputs.forEach((name, i) => {
      const outside = node.outputs[i];
      if (!outside) return;
      // An input, or another output: a value cannot have two names.
      if (names.has(name)) passed.push([name, outside]);
      else names.set(name, outside);
    });
    const attributes = new Map(
      [...body.attributeDefaults, ...node.attributes].map((given) => [given.name, given]),
    );
    const prefix = `${this.prefix}${this.#number++}/`;
    const call = { body, names, prefix, attributes, outer: outer.call };
    const opset = opsetVersion({ opsetImport: body.opsetImport, irVersion: Number.POSITIVE_INFINITY });
    const frame = { opset, depth: outer.depth + 1, call };
    this.calls.set(body, (this.calls.get(body) ?? 0) + 1);
    const around = inFunction(body.name, label);
    const nodes = body.nodes.flatMap((inner, i) => this.#node(inner, nodeLabel(inner, i, around), frame));
    const identities = passed.map(([name, outside]): Node => {
      const identity = identityNode(rename(name, call), outside);
      this.placements.set(identity, { opset, label: `output "${name}"${around}` });
      return identity;
    });
    return [...nodes, ...identities];
  }
}

/** The functions that call one another, outermost first. */
function pathTo(call: FunctionCall | undefined): string {
  const names: string[] = [];
  for (let at = call; at; at = at.outer) names.push(at.body.name);
  return names.reverse().join(' > ');
}

function keyOf(domain: string, name: string, overload = ''): string {
  return JSON.stringify([domain, name, overload]);
}

function rename(name: string, { names, prefix }: FunctionCall): string {
  return name === '' ? '' : (names.get(name) ?? prefix + name);
}

function declares({ attributes, attributeDefaults }: LocalFunction, name: string): boolean {
  return attributes.includes(name) || attributeDefaults.some((given) => given.name === name);
}

/** Why a call does not fit its function. */
function mismatch(node: Node, body: LocalFunction): string | undefined {
  const count = (n: number, what: string) => `${n} ${what} where the function has`;
  if (node.inputs.length > body.inputs.length)
    return `${count(node.inputs.length, 'inputs')} ${body.inputs.length}`;
  if (node.outputs.length > body.outputs.length)
    return `${count(node.outputs.length, 'outputs')} ${body.outputs.length}`;
  const unknown = node.attributes.find(({ name }) => !declares(body, name));
  return unknown && `the function has no attribute "${unknown.name}"`;
}

function identityNode(input: string, output: string): Node {
  return { name: '', opType: 'Identity', domain: '', inputs: [input], outputs: [output], attributes: [] };
}

/** What no name of the model begins with. */
function unusedPrefix(model: Model): string {
  let prefix = 'call';
  const take = (names: readonly string[]) => {
    for (const name of names) while (name.startsWith(prefix)) prefix += '_';
  };
  const takeValues = ({ inputs, initializers }: Graph) =>
    take([...inputs, ...initializers].map(({ name }) => name));
  for (const graph of [model.graph, ...model.functions.map(({ nodes }) => graphOf(nodes))]) {
    takeValues(graph);
    for (const { node } of walkNodes(graph)) {
      take([...node.inputs, ...node.outputs]);
      subgraphs(node).forEach(takeValues);
    }
  }
  return prefix;
}

function graphOf(nodes: Node[]): Graph {
  return { name: '', nodes, initializers: [], inputs: [], outputs: [], valueInfo: [] };
}
