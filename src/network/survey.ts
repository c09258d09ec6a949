/** Every node of a model with the operator that it would be, or why there is none; also of models that are refused. */
import type { Problem } from '../errors.js';
import { inlineFunctions } from '../onnx/inline.js';
import type { Graph, Model, Node } from '../onnx/model.js';
import { nodeLabel, opsetVersion } from '../onnx/walk.js';
import { operatorOf } from './nodeProblems.js';
import type { Operator } from './operator.js';

export interface SurveyedNode {
  readonly node: Node;
  /** As problems name it. */
  readonly label: string;
  readonly operator?: Operator;
  readonly problem?: Problem;
}

/** Nodes of functions in place of the calls, those of bodies after the node that holds them. */
export function surveyNodes(model: Model): SurveyedNode[] {
  const { graph, placements } = inlineFunctions(model);
  const surveyed: SurveyedNode[] = [];
  const visit = ({ nodes }: Graph, suffix: string) => {
    nodes.forEach((node, index) => {
      const placement = placements.get(node) ?? { opset: opsetVersion(model), label: nodeLabel(node, index) };
      const label = placement.label + suffix;
      const found = operatorOf(node, { ...placement, label });
      surveyed.push({ node, label, ...('what' in found ? { problem: found } : { operator: found }) });
      for (const { name, g, graphs = [] } of node.attributes)
        for (const body of [...(g ? [g] : []), ...graphs]) visit(body, ` in ${name} of ${label}`);
    });
  };
  visit(graph, '');
  return surveyed;
}
