/** Model-local functions: their nodes stand in place of the calls. */
import { definePass } from './pass.js';

export const inlineFunctions = definePass({
  name: 'inline functions',
  report({ inlined: { calls, placements } }) {
    const done = [...calls].map(
      ([{ name, nodes }, count]) =>
        `${name} (${plural(nodes.length, 'node')}) in place of ${plural(count, 'call')}`,
    );
    const refused = [...placements.values()].filter(({ refusal }) => refusal !== undefined);
    return { done, notDone: refused.map(({ refusal, label }) => ({ what: refusal!, where: label })) };
  },
});

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
