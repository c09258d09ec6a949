/** Names as ONNX resolves them: a subgraph sees its own values first, then those of the graphs around it. */

import { tensorAttribute } from '../onnx/attributes.js';
import type { Graph, Node, Tensor } from '../onnx/model.js';

/** Where a value comes from. Graph inputs without a stored value have no origin. */
export type Origin =
  | { readonly kind: 'tensor'; readonly source: 'initializer' | 'constant'; readonly tensor: Tensor }
  | { readonly kind: 'node'; readonly node: Node; readonly scope: Scope };

export class Scope {
  readonly #origins = new Map<string, Origin | undefined>();

  constructor(
    graph: Graph,
    readonly outer?: Scope,
  ) {
    for (const { name } of graph.inputs) this.#origins.set(name, undefined);
    for (const tensor of graph.initializers) {
      this.#origins.set(tensor.name, { kind: 'tensor', source: 'initializer', tensor });
    }
    for (const node of graph.nodes) {
      const value = node.opType === 'Constant' ? tensorAttribute(node, 'value') : undefined;
      for (const name of node.outputs.filter(Boolean)) {
        const origin: Origin = value
          ? { kind: 'tensor', source: 'constant', tensor: { ...value, name } }
          : { kind: 'node', node, scope: this };
        this.#origins.set(name, origin);
      }
    }
  }

  find(name: string): Origin | undefined {
    return this.#origins.has(name) ? this.#origins.get(name) : this.outer?.find(name);
  }

  /** The stored tensor of that name, if the value is one. */
  tensor(name: string | undefined): Tensor | undefined {
    const origin = name ? this.find(name) : undefined;
    return origin?.kind === 'tensor' ? origin.tensor : undefined;
  }
}
