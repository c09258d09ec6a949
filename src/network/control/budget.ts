/** How much loops may be unrolled: a file that asks for a million iterations must not keep anybody waiting. */
import { UnsupportedForm } from '../operator.js';
import type { Plan } from '../plan.js';

/** Nodes computed inside of bodies in one pass, all iterations counted: some seconds of tracing. */
export const unrollLimit = 10_000;

export class UnrollBudget {
  #left = unrollLimit;

  /** Throws UnsupportedForm if that many runs of a body are too many. Bodies inside of it take their share when they run. */
  reserve({ nodes }: Plan, runs: number): void {
    const cost = runs * Math.max(1, nodes.length);
    if (cost > this.#left)
      throw new UnsupportedForm(
        `${runs} more ${runs === 1 ? 'run' : 'runs'} of a body of ${nodes.length} ${nodes.length === 1 ? 'node' : 'nodes'}`,
        `loops are unrolled, to at most ${unrollLimit} nodes in all`,
      );
    this.#left -= cost;
  }
}
