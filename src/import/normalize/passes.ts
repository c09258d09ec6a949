/** The passes, in the order in which they work. A new one is a definition in a file of this folder and a line here. */
import { walkPlan } from '../../network/plan.js';
import { canonicalForms } from './canonicalForms.js';
import { dropIdentities } from './dropIdentities.js';
import { foldConstants } from './foldConstants.js';
import { inlineFunctions } from './inlineFunctions.js';
import type { GraphView, Pass, PassReport } from './pass.js';
import { resolveControl } from './resolveControl.js';

export const passes: readonly Pass[] = [
  inlineFunctions,
  canonicalForms,
  resolveControl,
  dropIdentities,
  foldConstants,
];

/** What each pass did, and what it left; passes with nothing to say included. */
export function reportPasses(view: Omit<GraphView, 'nodes'>): PassReport[] {
  const nodes = [...walkPlan(view.plan)].map(({ planned }) => planned);
  return passes.map((pass) => ({ pass: pass.name, ...pass.report({ ...view, nodes }) }));
}
