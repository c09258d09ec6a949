/** If, Loop and Scan: the branch that is taken, the iterations one after the other (src/network/control). */
import { definePass, problemsAt, withoutTrial } from './pass.js';

export const resolveControl = definePass({
  name: 'resolve If, Loop and Scan',
  report(view) {
    const { nodes, traced } = view;
    const found = nodes.filter(({ operator }) => operator.flow);
    if (!traced) return { done: [], notDone: found.length > 0 ? [withoutTrial(view)] : [] };
    const types = new Set(found.map(({ node }) => node.opType));
    return {
      done: [...traced.resolved].map(([label, text]) => `${label}: ${text}`),
      notDone: problemsAt(view, (opType) => types.has(opType)),
    };
  },
});
