/** How a network does on examples. */

/** Accuracies are fractions; they are left out where there are no classes. */
export interface Metrics {
  readonly loss: number;
  readonly accuracy?: number;
  readonly top5?: number;
}

export interface Validation {
  readonly clean: Metrics;
  /** Over the validation chips, if there is a device. */
  readonly noisy?: Metrics;
}
