/**
 * Outputs into scores. An example counts as right only if its label's output is strictly above all others: a tie is wrong,
 * and so is an example with a NaN among its outputs. Otherwise a chip that puts out nothing but zeros would score.
 */

export interface Score {
  examples: number;
  /** Examples whose label has the highest output. */
  correct: number;
  /** Examples whose label is among the five highest; meaningful beyond five classes. */
  correctTop5: number;
  /** Examples counted as wrong only because the label shares the highest output with another class. */
  ties: number;
  /** Examples with an output that is no number; of a squared error, that is not finite. */
  notNumbers: number;
  /** Mean over examples and outputs; only for data with targets. Not finite if that of an example is not. */
  squaredError?: number;
  /** By example: `rightBit` and `topFiveBit`, or its squared error. ExampleSums takes them out. */
  outcomes?: Uint8Array | Float64Array;
}

export const [rightBit, topFiveBit] = [1, 2];

/** @param outcomes where to note how each example fared. */
export function emptyScore(outcomes?: Uint8Array | Float64Array): Score {
  const score = { examples: 0, correct: 0, correctTop5: 0, ties: 0, notNumbers: 0 };
  return outcomes ? { ...score, outcomes } : score;
}

/** How an example's label stands among its outputs. */
export interface Ranking {
  above: number;
  equal: number;
  notNumber: boolean;
  /** Of the label's output over the highest other one, relative to the largest magnitude of the row. */
  margin: number;
}

function rankingOf(outputs: Float32Array, from: number, classes: number, label: number): Ranking {
  const labelled = outputs[from + label]!;
  const result: Ranking = { above: 0, equal: 0, notNumber: Number.isNaN(labelled), margin: 0 };
  let highest = Number.NEGATIVE_INFINITY;
  let magnitude = Math.abs(labelled);
  for (let i = 0; i < classes; i++) {
    if (i === label) continue;
    const other = outputs[from + i]!;
    if (other > labelled) result.above++;
    else if (other === labelled) result.equal++;
    else if (Number.isNaN(other)) result.notNumber = true;
    if (other > highest) highest = other;
    if (Math.abs(other) > magnitude) magnitude = Math.abs(other);
  }
  result.margin = magnitude > 0 ? (labelled - highest) / magnitude : 0;
  return result;
}

/**
 * Adds examples to `score`. `outputs`: labels.length rows (more are ignored) of `classes` values.
 * Returns the rows whose decision is closer than `undecidedMargin`: another order of summation could turn them.
 * Those are left out of the score. `examples`: the number of each row's example.
 */
export function addClasses(
  score: Score,
  outputs: Float32Array,
  classes: number,
  labels: ArrayLike<number>,
  undecidedMargin = 0,
  examples?: readonly number[],
): number[] {
  const undecided: number[] = [];
  for (let row = 0; row < labels.length; row++) {
    const { above, equal, notNumber, margin } = rankingOf(outputs, row * classes, classes, labels[row]!);
    if (Math.abs(margin) < undecidedMargin) {
      undecided.push(row);
      continue;
    }
    score.examples++;
    if (notNumber) score.notNumbers++;
    else {
      const [right, topFive] = [above + equal === 0, above + equal < 5];
      if (right) score.correct++;
      if (topFive) score.correctTop5++;
      if (above === 0 && equal > 0) score.ties++;
      if (score.outcomes)
        score.outcomes[examples?.[row] ?? row] = (right ? rightBit : 0) | (topFive ? topFiveBit : 0);
    }
  }
  return undecided;
}

/** Adds examples to the mean squared error. `targets`: rows x `size` values; `examples`: the number of each row's example. */
export function addTargets(
  score: Score,
  outputs: Float32Array,
  size: number,
  targets: Float32Array,
  examples?: readonly number[],
): void {
  const rows = targets.length / size;
  let sum = 0;
  for (let row = 0; row < rows; row++) {
    let error = 0;
    for (let i = row * size; i < (row + 1) * size; i++) error += (outputs[i]! - targets[i]!) ** 2;
    if (!Number.isFinite(error)) score.notNumbers++;
    if (score.outcomes) score.outcomes[examples?.[row] ?? row] = error / size;
    sum += error / size;
  }
  const all = score.examples + rows;
  score.squaredError = ((score.squaredError ?? 0) * score.examples + sum) / all;
  score.examples = all;
}
