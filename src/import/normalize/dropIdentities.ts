/** Identity and Dropout: values pass them unchanged, in training too, where noise takes the place of Dropout. */
import { counted, definePass, problemsAt } from './pass.js';

const idle = new Set(['Identity', 'Dropout']);

export const dropIdentities = definePass({
  name: 'drop Identity and Dropout',
  report(view) {
    const found = view.nodes.filter(({ node }) => idle.has(node.opType));
    const notDone = problemsAt(view, (opType) => idle.has(opType));
    const kept = new Set(notDone.map(({ where }) => where));
    const dropped = found.filter(({ label }) => !kept.has(label));
    return { done: dropped.length > 0 ? [counted(dropped)] : [], notDone };
  },
});
