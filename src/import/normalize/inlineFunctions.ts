/** Model-local functions: their nodes stand in place of the calls. */
import { definePass } from './pass.js';

export const inlineFunctions = definePass({
  name: 'inline functions',
  report({ inlined: { calls, placements } }) {
    const done = [...calls].map(
      ([{ name, nodes }, count]) =>
        `${name} (${plural(nodes.length, 'node')}) in place of ${plural(count, 'call')}`,
    );
    const notDone = [...placements.values()].flatMap(({ refusal, label }) =>
      refusal === undefined ? [] : [{ what: refusal, where: label }],
    );
    return { done, notDone };
  },
});

function plural(count: number, word: string): string {
  return `${count} ${word}${count === 1 ? '' : 's'}`;
}
