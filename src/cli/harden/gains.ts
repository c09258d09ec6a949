/** What each step changed, chip by chip on the same chips: clipping alone, training after it, noise in training. */

import type { VerifyReport, VerifyRun } from '../../verify/report/report.js';
import { pairedDifference } from '../../verify/report/results.js';
import type { ModelName } from './rivals.js';

/** What was found of a model on its own chips, and at the noise of the original in absolute units. */
export interface ModelReports {
  ownNoise: VerifyReport;
  equalNoise?: VerifyReport;
}

const steps: readonly [ModelName, ModelName][] = [
  ['before', 'after'],
  ['before', 'clipped'],
  ['clipped', 'after'],
  ['plain', 'after'],
];

export function gainsOf(found: Partial<Record<ModelName, ModelReports>>): object[] {
  return steps.flatMap(([from, to]) => {
    const [first, second] = [found[from], found[to]];
    if (!first || !second) return [];
    // The same file cannot differ on chips that were not drawn.
    const isSame = first.ownNoise.model.sha256 === second.ownNoise.model.sha256;
    const told = isSame ? withoutInterval : (gain: Gain) => gain;
    const ownNoise = differences(first.ownNoise.runs, second.ownNoise.runs);
    // The original meets its own noise.
    const [at, then] = [from === 'before' ? first.ownNoise : first.equalNoise, second.equalNoise];
    const equalNoise = at && then ? differences(at.runs, then.runs) : [];
    return [
      ...ownNoise.map((gain) => ({ from, to, ...told(gain) })),
      ...equalNoise.map((gain) => ({ from, to, noiseFrom: 'before', ...told(gain) })),
    ];
  });
}

type Gain = { readonly device: string; readonly ci95?: unknown };

function withoutInterval({ ci95: _, ...gain }: Gain): Gain {
  return gain;
}

/** Intervals over chips, at these examples: what each example scored is not kept in the files. */
const overChips = () => undefined;

function differences(from: readonly VerifyRun[], to: readonly VerifyRun[]): Gain[] {
  return to.flatMap(({ device, draws }) => {
    const others = from.find((run) => run.device === device);
    const difference = others && pairedDifference(draws, others.draws, [overChips, overChips]);
    return difference ? [{ device, ...difference }] : [];
  });
}
