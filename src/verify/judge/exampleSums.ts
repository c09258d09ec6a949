/**
 * How each example fared, summed over the chips of a device: what the spread over examples needs, in memory that does not
 * grow with the draws. Scores are added in the order of the trials, whichever worker brings them first, so that the sums
 * are the same for any number of workers.
 */
import type { Measure } from '../statistics/measures.js';
import { rightBit, type Score, topFiveBit } from '../statistics/scores.js';
import type { PoolTrial } from './pool.js';

/** Means over chips of each example; undefined if there are none. */
export type ExampleMeans = (measure: Measure) => Float64Array | undefined;

interface Sums {
  chips: number;
  /** By example. */
  values: Partial<Record<Measure, Float64Array>>;
}

export class ExampleSums {
  private readonly sums = new Map<string, Sums>();
  private readonly waiting = new Map<number, Score['outcomes']>();
  private next = 0;

  constructor(private readonly trials: readonly PoolTrial[]) {}

  /** Takes the outcomes out of the score of trial `job`. */
  take(job: number, score: Score): void {
    this.waiting.set(job, score.outcomes);
    delete score.outcomes;
    for (; this.waiting.has(this.next); this.next++) {
      const outcomes = this.waiting.get(this.next);
      this.waiting.delete(this.next);
      const { device } = this.trials[this.next]!;
      if (outcomes && device !== undefined) this.add(keyOf(this.trials[this.next]!), outcomes);
    }
  }

  /** Means over the chips that put out numbers, by example; undefined if there are none. */
  means(model: number, device: number, measure: Measure): Float64Array | undefined {
    const sums = this.sums.get(keyOf({ model, device }));
    return sums?.values[measure]?.map((sum) => sum / sums.chips);
  }

  private add(key: string, outcomes: Uint8Array | Float64Array): void {
    const sums = this.sums.get(key) ?? { chips: 0, values: {} };
    this.sums.set(key, sums);
    if (outcomes instanceof Uint8Array) {
      accumulate(sums, 'accuracy', outcomes, (outcome) => (outcome & rightBit ? 1 : 0));
      accumulate(sums, 'top5', outcomes, (outcome) => (outcome & topFiveBit ? 1 : 0));
    } else if (outcomes.every(Number.isFinite)) {
      accumulate(sums, 'mse', outcomes, (outcome) => outcome);
    } else return;
    sums.chips++;
  }
}

function keyOf({ model, device }: { model: number; device?: number }): string {
  return `${model}/${device}`;
}

function accumulate(
  { values }: Sums,
  measure: Measure,
  outcomes: Uint8Array | Float64Array,
  counted: (outcome: number) => number,
): void {
  values[measure] ??= new Float64Array(outcomes.length);
  const sums = values[measure];
  for (let i = 0; i < outcomes.length; i++) sums[i]! += counted(outcomes[i]!);
}
