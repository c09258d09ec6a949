/** Names as ONNX resolves them: a subgraph sees its own values first, then those of the graphs around it. */

import { tensorAttribute } from '../onnx/attributes.js';
import type { Graph, Node, Tensor } from '../onnx/model.js';

/** Where a value comes from. Graph inputs without a stored value have no origin. */
export type ValueOrigin =
  | {
      readonly kind: 'tensor';
      readonly source: 'initializer' | 'constant';
      readonly tensor: Tensor;
      /** The tensor as it lies in the file, one object however often it is looked up. */
      readonly original: Tensor;
    }
  | { readonly kind: 'node'; readonly node: Node; readonly scope: Scope };

export class Scope {
  readonly #origins = new Map<string, ValueOrigin | undefined>();
  readonly #fed: ReadonlyMap<string, string>;

  /** @param within the node whose body the graph is */
  constructor(
    graph: Graph,
    readonly outer?: Scope,
    within?: Node,
  ) {
    this.#fed = within ? fedValues(graph, within) : new Map();
    for (const { name } of graph.inputs) this.#origins.set(name, undefined);
    for (const tensor of graph.initializers) {
      this.#origins.set(tensor.name, { kind: 'tensor', source: 'initializer', tensor, original: tensor });
    }
    for (const node of graph.nodes) {
      const value = node.opType === 'Constant' ? tensorAttribute(node, 'value') : undefined;
      for (const name of node.outputs.filter(Boolean)) {
        const origin: ValueOrigin = value
          ? { kind: 'tensor', source: 'constant', tensor: { ...value, name }, original: value }
          : { kind: 'node', node, scope: this };
        this.#origins.set(name, origin);
      }
    }
  }

  find(name: string): ValueOrigin | undefined {
    return this.#origins.has(name) ? this.#origins.get(name) : this.outer?.find(name);
  }

  /** The stored tensor of that name, if the value is one. */
  tensor(name: string | undefined): Tensor | undefined {
    const origin = name ? this.find(name) : undefined;
    return origin?.kind === 'tensor' ? origin.tensor : undefined;
  }

  /** The value around a body that its input always holds, or a slice of: what Loop and Scan feed and never change. */
  fed(name: string): { name: string; scope: Scope } | undefined {
    const outside = this.#fed.get(name);
    if (outside !== undefined && this.outer) return { name: outside, scope: this.outer };
    return this.#origins.has(name) ? undefined : this.outer?.fed(name);
  }
}

/** Inputs of a body that are slices of values around it, or states that every iteration hands on. */
function fedValues(body: Graph, { opType, inputs, attributes }: Node): Map<string, string> {
  if (opType !== 'Loop' && opType !== 'Scan') return new Map();
  const scanned = Number(attributes.find(({ name }) => name === 'num_scan_inputs')?.i ?? 0n);
  const operands = inputs.slice(Math.max(0, inputs.length - body.inputs.length));
  const copies = new Map(
    body.nodes.filter((n) => n.opType === 'Identity').map((n) => [n.outputs[0], n.inputs[0]]),
  );
  const outputs = new Set(body.outputs.map(({ name }) => copies.get(name) ?? name));
  const fed = body.inputs.flatMap(({ name }, i): [string, string][] => {
    const outside = operands[i];
    const isSlice = opType === 'Scan' && i >= body.inputs.length - scanned;
    return outside && (isSlice || outputs.has(name)) ? [[name, outside]] : [];
  });
  return new Map(fed);
}
