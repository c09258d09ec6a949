/** Tells probabilities from logits by their values: what no look at the graph can tell for certain. */

export interface RowWatch {
  /** Rows of network outputs, one after the other. */
  add(outputs: Float32Array): void;
  /** Whether every row so far lies in 0 ... 1 and sums to 1, within 1e-3. Logits do so in no row but by rare chance. */
  sawProbabilitiesOnly(): boolean;
}

const tolerance = 1e-3;

/** @param size values in a row: with a single one there is nothing to tell. */
export function watchRows(size: number): RowWatch {
  let seen = 0;
  let only = size > 1;
  return {
    add(outputs) {
      for (let start = 0; only && start < outputs.length; start += size) {
        seen++;
        only = isDistribution(outputs.subarray(start, start + size));
      }
    },
    sawProbabilitiesOnly: () => only && seen > 0,
  };
}

function isDistribution(row: Float32Array): boolean {
  const sum = row.reduce((total, value) => total + value, 0);
  return row.every((value) => value >= 0 && value <= 1) && Math.abs(sum - 1) <= tolerance;
}
