/** How messages name nodes and operators: one form, everywhere. */
import type { Graph, Node } from './model.js';
import { isStandard } from './walk.js';

/** `Conv`; with its domain, `com.example.Custom`, unless that is ONNX's own. */
export function operatorName(node: Pick<Node, 'domain' | 'opType'>): string {
  return isStandard(node) ? node.opType : `${node.domain}.${node.opType}`;
}

/** `Conv (opset 13)`: of a message that depends on the version. */
export function operatorAt(node: Node, opset: number): string {
  return `${operatorName(node)} (opset ${opset})`;
}

/**
 * `node "up" (Resize)`; without a name by its place in its graph and what it makes, `node #3 (Resize) -> y`.
 * @param around  of a node that does not stand in the main graph: ` in …`, see `inBody` and `inFunction`
 */
export function nodeLabel(node: Node, index: number, around = ''): string {
  const operator = operatorName(node);
  if (node.name) return `node "${node.name}" (${operator})${around}`;
  return `node #${index} (${operator}) -> ${node.outputs.find(Boolean) ?? 'nothing'}${around}`;
}

/** Behind the label of a node that stands in a body of the node `label`, under this attribute. */
export function inBody(attribute: string, label: string): string {
  return ` in ${attribute} of ${shortened(label)}`;
}

/** Behind the label of a node of a local function that the node `label` calls. */
export function inFunction(name: string, label: string): string {
  return ` in function ${name} called by ${shortened(label)}`;
}

/** Of every node, those of bodies included. */
export function nodeLabels({ nodes }: Pick<Graph, 'nodes'>, around = ''): Map<Node, string> {
  const labels = new Map<Node, string>();
  const collect = (nodes: readonly Node[], around: string) => {
    for (const [index, node] of nodes.entries()) {
      const label = nodeLabel(node, index, around);
      labels.set(node, label);
      for (const { name, g, graphs = [] } of node.attributes)
        for (const body of [...(g ? [g] : []), ...graphs]) collect(body.nodes, inBody(name, label));
    }
  };
  collect(nodes, around);
  return labels;
}

/** Both ends of a long text: calls a hundred deep would name each of thousands of nodes in thousands of letters. */
export function shortened(text: string): string {
  return text.length <= 400 ? text : `${text.slice(0, 200)} … ${text.slice(-200)}`;
}
