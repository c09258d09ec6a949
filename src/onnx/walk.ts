/** Ways through a graph: nodes with their subgraphs, who makes and who uses a value, operator sets, metadata. */
import type { Graph, Model, Node, ValueInfo } from './model.js';

export interface Visit {
  readonly node: Node;
  /** The graph the node stands in. */
  readonly graph: Graph;
  /** The graphs around it, outermost first; the last one is `graph`. */
  readonly path: readonly Graph[];
}

/** The graphs a node carries as attributes: bodies of If, Loop, Scan. */
export function subgraphs(node: Node): Graph[] {
  return node.attributes.flatMap(({ g, graphs }) => [...(g ? [g] : []), ...(graphs ?? [])]);
}

/** Every node, each before those of its subgraphs, in file order. */
export function* walkNodes(graph: Graph, outer: readonly Graph[] = []): Iterable<Visit> {
  const path = [...outer, graph];
  for (const node of graph.nodes) {
    yield { node, graph, path };
    for (const body of subgraphs(node)) yield* walkNodes(body, path);
  }
}

/** Value name -> the node of this graph (not of its subgraphs) that makes it. */
export function producerMap(graph: Graph): Map<string, Node> {
  return new Map(
    graph.nodes.flatMap((node) => node.outputs.filter(Boolean).map((name) => [name, node] as const)),
  );
}

/** Value name -> the nodes of this graph (not of its subgraphs) that take it as input, each once, in file order. */
export function consumerMap(graph: Graph): Map<string, Node[]> {
  const consumers = new Map<string, Node[]>();
  for (const node of graph.nodes) {
    for (const name of new Set(node.inputs.filter(Boolean))) {
      const nodes = consumers.get(name);
      if (nodes) nodes.push(node);
      else consumers.set(name, [node]);
    }
  }
  return consumers;
}

/** Inputs that are fed: old files list their initializers among the inputs too. */
export function fedInputs({ graph }: Pick<Model, 'graph'>): ValueInfo[] {
  const stored = new Set(graph.initializers.map(({ name }) => name));
  return graph.inputs.filter(({ name }) => !stored.has(name));
}

const defaultDomain = (domain: string) => (domain === 'ai.onnx' ? '' : domain);

/** Whether the node's operator is one of the ONNX standard; its domain has two spellings. */
export function isStandard({ domain }: Pick<Node, 'domain'>): boolean {
  return defaultDomain(domain) === '';
}

/** The version of an operator set the model imports; 0 if it does not import it. */
export function opsetVersion(model: Pick<Model, 'opsetImport' | 'irVersion'>, domain = ''): number {
  const set = model.opsetImport.find((entry) => defaultDomain(entry.domain) === defaultDomain(domain));
  if (set) return set.version;
  // Before IR version 3 there was no opset_import: operator set 1 is implied.
  return defaultDomain(domain) === '' && model.irVersion < 3 ? 1 : 0;
}

/** The model's metadata_props; of doubled keys the last. */
export function metadata(model: Model): Map<string, string> {
  return new Map(model.metadataProps.map(({ key, value }) => [key, value]));
}

/** The model with one metadata entry set, in place of a former one or at the end. */
export function setMetadata(model: Model, key: string, value: string): Model {
  const entry = { key, value };
  const known = model.metadataProps.some((other) => other.key === key);
  const metadataProps = known
    ? model.metadataProps.map((other) => (other.key === key ? entry : other))
    : [...model.metadataProps, entry];
  return { ...model, metadataProps };
}
