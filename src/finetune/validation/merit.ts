/**
 * Which of two models is the better one, told by their validation: accuracy under the noise it will meet, less what it lost
 * without noise beyond what may be lost. So epochs and trials are ranked, from which the result is still to be made; the result
 * itself must not lose more (`isWithin`).
 */
import type { Metrics, Validation } from '../run/history.js';

/** What may be lost without noise: accuracy as a fraction, a loss relative to that of the source. */
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

/**
 * Whether a result loses no more without noise than `drop`, a fraction of accuracy, as counted and as its loss says. A loss, where there are no classes, may grow by
 * five times that. On validation the limit is half a point tighter, at most half of `drop`: examples are few, and the best under
 * noise lies where luck was kind.
 */
export function isWithin({ clean }: Validation, { clean: source }: Validation, drop: number): boolean {
  const limit = Math.max(drop / 2, drop - leeway);
  if (clean.accuracy !== undefined && source.accuracy !== undefined)
    return Math.max(source.accuracy - clean.accuracy, expectedLoss(clean, source)) <= limit + rounding;
  const growth = (limit * allowance.loss) / allowance.accuracy;
  return known(clean.loss) <= (1 + growth) * source.loss;
}

/**
 * Accuracy that the loss says is lost: errors grow as the cross-entropy does. It moves with every example, where accuracy moves with
 * the few on the border: of 300 examples, one epoch that lost 3.1 points on 10,000 others lost none, and its cross-entropy had
 * grown by half.
 */
function expectedLoss(clean: Metrics, source: Metrics): number {
  if (Number.isNaN(clean.loss)) return Number.POSITIVE_INFINITY;
  const errors = 1 - (source.accuracy ?? 0);
  return source.loss > 0 ? errors * (clean.loss / source.loss - 1) : 0;
}

/** Left to luck, of accuracy. */
const leeway = 0.005;
/** Of differences between fractions. */
const rounding = 1e-9;

export function outdoes(a: Merit, b: Merit): boolean {
  return a.accuracy !== b.accuracy ? a.accuracy > b.accuracy : a.loss > b.loss;
}

function lostAccuracy(clean: Metrics, before: Metrics | undefined): number {
  if (clean.accuracy === undefined || before?.accuracy === undefined) return 0;
  return Math.max(0, before.accuracy - clean.accuracy - allowance.accuracy);
}

/** Classes are judged by accuracy: their loss breaks ties and nothing else. */
function lostLoss(clean: Metrics, before: Metrics | undefined): number {
  if (clean.accuracy !== undefined || before === undefined) return 0;
  return Math.max(0, known(clean.loss) - (1 + allowance.loss) * known(before.loss));
}

/** A loss that is not a number is the worst of losses. */
function known(loss: number): number {
  return Number.isNaN(loss) ? Number.POSITIVE_INFINITY : loss;
}
