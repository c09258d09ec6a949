/** Loss and accuracy of rows of outputs, in float64, by the same rules as the program's own counts (losses.ts). */
import type { Dataset } from '../../data/dataset.js';
import { elements } from '../step/host.js';
import type { Objective } from '../step/objective.js';
import type { Metrics } from './metrics.js';

export interface Scorer {
  /** `outputs` holds `rows` rows; the first `examples.length` of them belong to these examples. */
  add(outputs: Float32Array, rows: number, examples: Uint32Array): void;
  means(): Metrics;
}

/** @param outcomes takes what each example scored, in the order they come: 1 if right, else 0; without classes, minus its loss */
export function scoreRows(objective: Objective, dataset: Dataset, outcomes?: Float64Array): Scorer {
  const { targets } = objective;
  const size = 'classes' in targets ? targets.classes : elements(targets.shape);
  let [count, loss, correct, top5] = [0, 0, 0, 0];
  return {
    add(outputs, rows, examples) {
      if (outputs.length !== rows * size) {
        throw new Error(`the network puts out ${outputs.length / rows} values per example, not ${size}`);
      }
      examples.forEach((example, row) => {
        const values = outputs.subarray(row * size, (row + 1) * size);
        const position = count++;
        if (!('classes' in targets)) {
          const error = squaredError(values, dataset.targets!.subarray(example * size, (example + 1) * size));
          loss += error;
          if (outcomes) outcomes[position] = -error;
          return;
        }
        const label = dataset.labels[example]!;
        const beaten = values.reduce((sum, value) => (value < values[label]! ? sum + 1 : sum), 0);
        if (beaten >= size - 1) correct++;
        if (outcomes) outcomes[position] = beaten >= size - 1 ? 1 : 0;
        if (beaten >= size - 5) top5++;
        loss +=
          objective.loss === 'cross-entropy'
            ? surprise(values, label)
            : squaredError(values, oneHot(size, label));
      });
    },
    means: () => ({
      loss: loss / count,
      ...('classes' in targets && { accuracy: correct / count }),
      ...('classes' in targets && size > 5 && { top5: top5 / count }),
    }),
  };
}

/** -log softmax(z)_label = log sum_c exp(z_c - max) - (z_label - max) */
function surprise(values: Float32Array, label: number): number {
  const max = values.reduce((a, b) => Math.max(a, b));
  const sum = values.reduce((total, value) => total + Math.exp(value - max), 0);
  return Math.log(sum) - (values[label]! - max);
}

function squaredError(values: Float32Array, truth: ArrayLike<number>): number {
  return values.reduce((sum, value, i) => sum + (value - truth[i]!) ** 2, 0) / values.length;
}

function oneHot(size: number, label: number): Float32Array {
  const row = new Float32Array(size);
  row[label] = 1;
  return row;
}
