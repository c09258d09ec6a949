/** The classes that a model gives pictures, in onnxruntime, on the scaling that the model itself tells. */
import { fillBatch } from '../src/data/batch.js';
import { exampleSize } from '../src/data/dataset.js';
import type { Dataset, Model, Normalization } from '../src/index.js';
import { metadata } from '../src/onnx/walk.js';
import { float32 } from '../src/runtime/host.js';
import { openSession } from '../src/runtime/session.js';

const batch = 100;

/** From the metadata that models/train.ts writes; pixels on the 0..1 scale if there is none. */
export function inputScaling(model: Model): Normalization {
  const told = metadata(model).get('temper.input');
  if (!told) return { mean: [0], std: [1] };
  const { scale, mean, std } = JSON.parse(told) as Normalization & { scale: string };
  if (scale !== '0..1') throw new Error(`temper.input has the scale ${scale}; 0..1 is understood`);
  return { mean, std };
}

/** Examples `first` to `first + count` - 1 as the model takes them. */
export function inputsOf(
  dataset: Dataset,
  scaling: Normalization,
  first: number,
  count: number,
): Float32Array {
  const values = new Float32Array(count * exampleSize(dataset.shape));
  fillBatch(
    dataset,
    Array.from({ length: count }, (_, i) => first + i),
    scaling,
    values,
  );
  return values;
}

/** Exact numerics: DequantizeLinear is computed as the file says. */
export async function classesOf(
  bytes: Uint8Array,
  dataset: Dataset,
  scaling: Normalization,
  numerics: 'exact' | 'deploy' = 'exact',
): Promise<number[]> {
  const session = await openSession(bytes, { numerics });
  const [input] = session.inputs;
  const shape = input!.shape.slice(1).map(Number);
  const classes: number[] = [];
  for (let first = 0; first < dataset.count; first += batch) {
    const count = Math.min(batch, dataset.count - first);
    const x = float32([count, ...shape], inputsOf(dataset, scaling, first, count));
    const results = await session.run({ [input!.name]: x });
    classes.push(...largest(results[session.outputNames[0]!]!.data as Float32Array, count));
  }
  await session.release();
  return classes;
}

/** Index of the largest value of each of `rows` rows. */
export function largest(scores: Float32Array, rows: number): number[] {
  const width = scores.length / rows;
  return Array.from({ length: rows }, (_, row) => {
    const values = scores.subarray(row * width, (row + 1) * width);
    return values.indexOf(Math.max(...values));
  });
}

/** Share of the data set that `classes` gets right. */
export function accuracy(classes: readonly number[], { labels }: Dataset): number {
  return classes.filter((found, i) => found === labels[i]).length / classes.length;
}
