/** Operator by operator: how many nodes, whether they are understood, whether gradients pass them, what of it sits on crossbars. */
import type { Problem } from '../../errors.js';
import type { CrossbarTensor } from '../../mapping/crossbar.js';
import type { GradientKind } from '../../network/operator.js';
import type { SurveyedNode } from '../../network/survey.js';
import { operatorName } from '../../onnx/label.js';
import { elementCount } from '../../onnx/tensor.js';

export interface OperatorSupport {
  operator: string;
  /** Those of functions, in place of the calls, and of bodies included. */
  nodes: number;
  /** Of these the ones that stand in the way of the import; others that are not understood lie on no way to an output. */
  refused: number;
  supported: boolean;
  /** Why not, each reason once. */
  reasons: string[];
  /** null for an operator that is not known. */
  gradient: GradientKind | null;
  /** Weights on crossbars that these nodes are the first to use. */
  crossbarWeights: number;
}

export function supportTable(
  surveyed: readonly SurveyedNode[],
  problems: readonly Problem[],
  crossbar: readonly CrossbarTensor[],
): OperatorSupport[] {
  const reasons = new Map<string, string[]>();
  for (const { what, where } of problems) {
    if (where === undefined) continue;
    const known = reasons.get(where) ?? [];
    known.push(what);
    reasons.set(where, known);
  }
  // What is wrong with the model as a whole comes before anything is said of its nodes.
  const unseen = problems.length > 0 && !surveyed.some(({ label }) => reasons.has(label));
  const weights = new Map<string, number>();
  for (const { opType, dims } of crossbar)
    weights.set(opType, (weights.get(opType) ?? 0) + elementCount([...dims]));
  const groups = new Map<string, SurveyedNode[]>();
  for (const entry of surveyed) {
    const name = operatorName(entry.node);
    const group = groups.get(name) ?? [];
    group.push(entry);
    groups.set(name, group);
  }
  const table = [...groups].map(([operator, nodes]): OperatorSupport => {
    const refused = nodes.filter(({ label, problem }) => (unseen ? problem : reasons.has(label)));
    const places = [...new Set(refused.map(({ label }) => label))];
    const unknown = nodes.flatMap(({ problem }) => problem?.what ?? []);
    const why = [...new Set([...places.flatMap((label) => reasons.get(label) ?? []), ...unknown])];
    return {
      operator,
      nodes: nodes.length,
      refused: refused.length,
      supported: why.length === 0,
      reasons: why,
      gradient: nodes.find((entry) => entry.operator)?.operator?.gradient ?? null,
      crossbarWeights: weights.get(operator) ?? 0,
    };
  });
  return table.sort((a, b) => b.nodes - a.nodes || (a.operator < b.operator ? -1 : 1));
}
