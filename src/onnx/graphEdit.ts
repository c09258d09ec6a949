/** Two edits of a node that baking and reopening share; both return a new node. */
import { makeAttribute } from './build.js';
import type { Attribute, Graph, Node, Tensor } from './model.js';

/** The node with `change` applied to each of its subgraphs; the same node if it has none. */
export function replaceSubgraphs(node: Node, change: (body: Graph) => Graph): Node {
  if (!node.attributes.some(({ g, graphs }) => g || graphs?.length)) return node;
  const attributes = node.attributes.map((attribute) => {
    const { g, graphs } = attribute;
    return { ...attribute, ...(g && { g: change(g) }), ...(graphs && { graphs: graphs.map(change) }) };
  });
  return { ...node, attributes };
}

/** The attributes of a Constant node of this value. */
export function attributesOfConstant(tensor: Tensor): Attribute[] {
  return [makeAttribute('value', { tensor })];
}
