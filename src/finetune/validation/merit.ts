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

/** Whether a result loses no more without noise than `drop`, a fraction of accuracy: see `dropOf`. */
export function isWithin(result: Validation, source: Validation, drop: number): boolean {
  return dropOf(result, source) <= drop + rounding;
}

/**
 * The smallest `drop` that a result is within: what it loses without noise, as a fraction of accuracy, as counted and as its loss
 * says, whichever is more. A loss, where there are no classes, counts a fifth of its growth. On validation half a point is added,
 * at most as much again: examples are few, and the best under noise lies where luck was kind. Infinity for a loss that is NaN; else
 * at most 1.
 */
export function dropOf({ clean }: Validation, { clean: source }: Validation): number {
  const lost =
    clean.accuracy !== undefined && source.accuracy !== undefined
      ? Math.max(source.accuracy - clean.accuracy, expectedLoss(clean, source))
      : growthOf(clean, source) * (allowance.accuracy / allowance.loss);
  if (Number.isNaN(clean.loss)) return Number.POSITIVE_INFINITY;
  return Math.min(1, lost + Math.min(Math.max(lost, 0), leeway));
}

/**
 * Accuracy that the loss says is lost: errors grow as the cross-entropy does. It moves with every example, where accuracy moves with
 * the few on the border: of 300 examples, one epoch that lost 3.1 points on 10,000 others lost none, and its cross-entropy had
 * grown by half.
 */
function expectedLoss(clean: Metrics, source: Metrics): number {
  const errors = 1 - (source.accuracy ?? 0);
  // No errors, times a growth without end, are none.
  return errors === 0 ? 0 : errors * growthOf(clean, source);
}

/** Of the loss, relative to that of the source. */
function growthOf(clean: Metrics, source: Metrics): number {
  const loss = known(clean.loss);
  if (loss === source.loss) return 0;
  return source.loss > 0 ? loss / source.loss - 1 : Number.POSITIVE_INFINITY;
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
