/**
 * Which of two models is the better result, told by their validation: accuracy under the noise it will meet, and no more than
 * a point of clean accuracy given away for it. A further point lost without noise must be paid by one gained under noise.
 */
import type { Measured, Validation } from '../history.js';

/** What may be lost without noise before it counts: accuracy as a fraction, a loss relative to that of the source. */
const allowance = { accuracy: 0.01, loss: 0.05 };

/** Accuracies first, losses where they are equal or there are none; the higher the better. */
export interface Merit {
  readonly accuracy: number;
  readonly loss: number;
}

/** @param source how the model did that went in; without it nothing counts as lost */
export function meritOf({ clean, noisy = clean }: Validation, source?: Validation): Merit {
  const before = source?.clean;
  return {
    accuracy: (noisy.accuracy ?? 0) - lostAccuracy(clean, before),
    loss: -(known(noisy.loss) + lostLoss(clean, before)),
  };
}

export function outdoes(a: Merit, b: Merit): boolean {
  return a.accuracy !== b.accuracy ? a.accuracy > b.accuracy : a.loss > b.loss;
}

function lostAccuracy(clean: Measured, before: Measured | undefined): number {
  if (clean.accuracy === undefined || before?.accuracy === undefined) return 0;
  return Math.max(0, before.accuracy - clean.accuracy - allowance.accuracy);
}

/** Classes are judged by accuracy: their loss breaks ties and nothing else. */
function lostLoss(clean: Measured, before: Measured | undefined): number {
  if (clean.accuracy !== undefined || before === undefined) return 0;
  return Math.max(0, known(clean.loss) - (1 + allowance.loss) * known(before.loss));
}

/** A loss that is not a number is the worst of losses. */
function known(loss: number): number {
  return Number.isNaN(loss) ? Number.POSITIVE_INFINITY : loss;
}
