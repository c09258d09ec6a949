/** What a training run reports about itself: sums over the running epoch, one record per finished epoch, the best of them. */

/** Accuracies are fractions; they are left out where there are no classes. */
export interface Measured {
  readonly loss: number;
  readonly accuracy?: number;
  readonly top5?: number;
}

export interface EpochRecord {
  /** 1, 2, ... */
  readonly epoch: number;
  /** Steps done when the epoch ended. */
  readonly step: number;
  /** Of the last step. */
  readonly learningRate: number;
  /** Strength of the perturbation in the last step, 0 ... 1. */
  readonly strength: number;
  /** Means over the epoch's mini-batches as trained on: augmented, and at the perturbed weights if the method perturbs. */
  readonly train: Measured;
  /** On the validation split. */
  readonly validation?: Validation;
}

export interface Validation {
  readonly clean: Measured;
  /** Over the validation chips, if there is a device. */
  readonly noisy?: Measured;
}

export interface History {
  /** Before the first step. */
  readonly start?: Validation;
  /** Sums over the steps of the epoch that is running, in the order of the steps. */
  readonly running: Readonly<Record<string, number>>;
  readonly records: readonly EpochRecord[];
  /** Index into `records`. */
  readonly best?: number;
}

export const emptyHistory: History = { running: {}, records: [] };

/** `running` with the metrics of further steps added one by one, so that the sums do not depend on how steps are bundled. */
export function addSteps(
  running: Readonly<Record<string, number>>,
  metrics: Readonly<Record<string, Float32Array>>,
): Record<string, number> {
  const sums = { ...running };
  for (const [name, values] of Object.entries(metrics)) {
    for (const value of values) sums[name] = (sums[name] ?? 0) + value;
  }
  return sums;
}

/** Means from sums over `steps` mini-batches of `batchSize`. */
export function meansOf(sums: Readonly<Record<string, number>>, steps: number, batchSize: number): Measured {
  const examples = steps * batchSize;
  return {
    loss: sums.loss! / steps,
    ...(sums.correct !== undefined && { accuracy: sums.correct / examples }),
    ...(sums.top5 !== undefined && { top5: sums.top5 / examples }),
  };
}

/** Whether `a` is the better result under the noise it will meet, or without noise if there is none. */
export function isBetter(a: EpochRecord, b: EpochRecord | undefined): boolean {
  // Without a validation split there is nothing to choose by: the last epoch is kept.
  return !a.validation || !b?.validation || outdoes(a.validation, b.validation);
}

/** A warning if the model that went in was better than the best epoch. */
export function harmNotes({ start, records, best }: History): string[] {
  const record = best === undefined ? undefined : records[best];
  if (!start || !record?.validation || !outdoes(start, record.validation)) return [];
  const told = (validation: Validation) => {
    const { accuracy, loss } = judged(validation);
    return `${accuracy === undefined ? '' : `accuracy ${(100 * accuracy).toFixed(2)} %, `}loss ${loss.toPrecision(4)}`;
  };
  const noise = start.noisy ? ' under noise' : '';
  return [
    `Every epoch is worse than the model that went in, by validation${noise}: ${told(start)} at the start, ${told(record.validation)} in the best epoch (${record.epoch}), which is the result. Try a lower learning rate or a warm-up.`,
  ];
}

function judged({ noisy, clean }: Validation): Measured {
  return noisy ?? clean;
}

function outdoes(a: Validation, b: Validation): boolean {
  const [first, second] = [judged(a), judged(b)];
  if (first.accuracy !== undefined && first.accuracy !== second.accuracy) {
    return first.accuracy > (second.accuracy ?? 0);
  }
  return comparable(first.loss) < comparable(second.loss);
}

/** NaN is the worst of losses. */
function comparable(loss: number): number {
  return Number.isNaN(loss) ? Number.POSITIVE_INFINITY : loss;
}
