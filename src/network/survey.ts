/** Every node of a model with the operator that it would be, or why there is none; also of models that are refused. */
import type { Problem } from '../errors.js';
import { lookUp } from '../lists/lookUp.js';
import { inlineFunctions } from '../onnx/inline.js';
import type { Model, Node } from '../onnx/model.js';
import { walkNodes } from '../onnx/walk.js';
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
  return [...walkNodes(graph)].map(({ node }) => {
    const placement = lookUp(placements, node, 'placement of a node');
    const { label } = placement;
    const found = operatorOf(node, placement);
    return { node, label, ...('what' in found ? { problem: found } : { operator: found }) };
  });
}
