/** What a training run reports about itself: sums over the running epoch, one record per finished epoch, the best of them. */
import type { Clip } from '../step/clips.js';
import { type Merit, meritOf, outdoes } from '../validation/merit.js';
import type { Metrics, Validation } from '../validation/metrics.js';

export type { Metrics, Validation } from '../validation/metrics.js';

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
  readonly train: Metrics;
  /** On the validation split. */
  readonly validation?: Validation;
}

/** A candidate that was tried before training. */
export interface CourseTrial {
  readonly clip: Clip;
  /** Of the short training; left out where weights were only clipped. */
  readonly learningRate?: number;
  /** Left out if training diverged. */
  readonly validation?: Validation;
}

/** What was chosen before training, and why. */
export interface Choice {
  /** What training limits weights to. */
  readonly clip: Clip;
  /** The best clip without training: the rival, and a candidate for the result. */
  readonly alone: Clip;
  readonly learningRate: number;
  /** Training steps of each trial; 0 = none was made. */
  readonly steps: number;
  /** Validation examples that the candidates were judged on. */
  readonly examples: number;
  readonly tried: readonly CourseTrial[];
}

/** A candidate between the network as it came, clipped, and the best epoch: start + share (epoch - start). */
export interface WeightInterpolation {
  /** Of the network as it came. */
  readonly clip: Clip;
  /** 1 = the epoch itself. */
  readonly share: number;
  readonly validation: Validation;
}

/** What the result is, and against what. */
export interface Decision {
  readonly origin: ResultOrigin;
  readonly interpolations: readonly WeightInterpolation[];
  /** The best of them that loses no more without noise than it may; left out if none does. */
  readonly trained?: WeightInterpolation;
  /** Those that were left, each example judged on every validation chip; `trained` is the interpolation. */
  readonly finalists: Readonly<Partial<Record<'source' | 'clipped' | 'trained', Validation>>>;
}

export interface History {
  /** The network as it came. */
  readonly start?: Validation;
  readonly choice?: Choice;
  /** The network clipped and not trained. */
  readonly clipped?: Validation;
  /** Sums over the steps of the epoch that is running, in the order of the steps. */
  readonly running: Readonly<Record<string, number>>;
  readonly records: readonly EpochRecord[];
  /** Index into `records`. */
  readonly best?: number;
  /** Made after the last epoch; left out where there is no device or no validation split. */
  readonly decision?: Decision;
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
export function meansOf(sums: Readonly<Record<string, number>>, steps: number, batchSize: number): Metrics {
  const examples = steps * batchSize;
  return {
    loss: sums.loss! / steps,
    ...(sums.correct !== undefined && { accuracy: sums.correct / examples }),
    ...(sums.top5 !== undefined && { top5: sums.top5 / examples }),
  };
}

/** Where a result comes from: an epoch, between it and the network as it came, the network clipped and not trained, or as it came. */
export type ResultOrigin = 'epoch' | 'interpolated' | 'clipped' | 'source';

/** Whether `a` is the better result of two epochs. */
export function isBetter(a: EpochRecord, b: EpochRecord | undefined, { start }: History): boolean {
  // Without a validation split there is nothing to choose by: the last epoch is kept.
  if (!a.validation || !b?.validation) return true;
  return outdoes(meritOf(a.validation, start), meritOf(b.validation, start));
}

/** What the result is. Where nothing was decided: the best epoch, unless clipping alone did as well, or the network as it came did. */
export function originOf({ start, clipped, records, best, decision }: History): ResultOrigin {
  if (decision) return decision.origin;
  const epoch = best === undefined ? undefined : records[best]?.validation;
  if (!start || !epoch) return 'epoch';
  const least: Merit = meritOf(start, start);
  const cut = clipped && meritOf(clipped, start);
  const trained = meritOf(epoch, start);
  if (outdoes(trained, least) && (!cut || outdoes(trained, cut))) return 'epoch';
  return cut && outdoes(cut, least) ? 'clipped' : 'source';
}
