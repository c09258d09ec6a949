/**
 * What happens to a graph on its way into a Network, told pass by pass. The model itself stays as it is: the
 * passes work on the view from which the network computes, and say what they did to it and what they left (decision 9).
 */
import type { Problem } from '../../errors.js';
import type { Plan, PlannedNode } from '../../network/plan.js';
import type { TracedNetwork } from '../../network/probe.js';
import type { Inlined } from '../../onnx/inline.js';

export interface GraphView {
  readonly inlined: Inlined;
  readonly plan: Plan;
  /** All nodes of the plan, those of bodies included. */
  readonly nodes: readonly PlannedNode[];
  /** Everything that stands in the way of the import. */
  readonly problems: readonly Problem[];
  /** What the trial run saw; absent if there was none. */
  readonly traced?: TracedNetwork | undefined;
}

export interface PassResult {
  readonly done: readonly string[];
  /** What was left as it is, and why. */
  readonly notDone: readonly Problem[];
}

export interface Pass {
  readonly name: string;
  report(view: GraphView): PassResult;
}

export interface PassReport extends PassResult {
  readonly pass: string;
}

export function definePass(pass: Pass): Pass {
  return pass;
}

/** `3 Shape, Gather`: how many nodes of each operator. */
export function counted(nodes: readonly PlannedNode[]): string {
  const counts = new Map<string, number>();
  for (const { node } of nodes) counts.set(node.opType, (counts.get(node.opType) ?? 0) + 1);
  return [...counts].map(([type, count]) => (count > 1 ? `${count} ${type}` : type)).join(', ');
}

/** The problems that stand at nodes of these operators. */
export function problemsAt(view: GraphView, isMeant: (opType: string) => boolean): Problem[] {
  const labels = new Set(view.nodes.filter(({ node }) => isMeant(node.opType)).map(({ label }) => label));
  return view.problems.filter(({ where }) => where !== undefined && labels.has(where));
}

/** In place of what only a trial run could tell. */
export function withoutTrial({ problems }: GraphView): Problem {
  if (problems.length > 0) return { what: 'no trial run, as what is not supported comes first' };
  return {
    what: 'no trial run, as an input is open in more than the batch',
    hint: 'fix its extents with --dim NAME=N',
  };
}
