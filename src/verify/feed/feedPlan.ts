/** How examples are fed to a model: which input, in which shape, how many at once. */
import { fillBatch } from '../../data/batch.js';
import type { Dataset } from '../../data/dataset.js';
import type { Normalization } from '../../data/normalize.js';
import { axisFirst, float32 } from '../../runtime/host.js';
import type { Session, ValueMetadata } from '../../runtime/session.js';

export interface FeedPlan {
  input: string;
  /** Of one example as fed, without the batch. */
  exampleDims: number[];
  output: string;
  /** The axis of the output along which the examples are; default 0. */
  axis?: number;
  valuesPerExample: number;
  /** Examples at once. `fixed`: the model takes this many, no fewer. */
  batch: number;
  fixed: boolean;
}

export type FedExamples = Pick<Dataset, 'examples' | 'shape' | 'labels' | 'targets' | 'count'>;

export function fitTo(
  { name, shape }: ValueMetadata,
  data: Pick<Dataset, 'shape'>,
  batchSize: number | undefined,
): Omit<FeedPlan, 'output' | 'axis' | 'valuesPerExample'> {
  const rest = shape.slice(1);
  const known = rest.every((dim) => typeof dim === 'number' && dim > 0);
  const exampleDims = known && rest.length > 0 ? (rest as number[]) : [...data.shape];
  const [first] = shape;
  if (typeof first === 'number' && first > 0) return { input: name, exampleDims, batch: first, fixed: true };
  return { input: name, exampleDims, batch: batchSize ?? defaultBatch(exampleDims), fixed: false };
}

/** About a million values at once, 16 to 256 examples: enough for full speed, little memory. */
export function defaultBatch(exampleDims: readonly number[]): number {
  const size = exampleDims.reduce((product, dim) => product * dim, 1);
  return Math.min(256, Math.max(16, Math.floor(2 ** 20 / size)));
}

/** Outputs of examples, one row each; a batch the model fixes is filled up with repetitions of the last one. */
export async function runExamples(
  session: Session,
  { input, exampleDims, output, axis, batch, fixed }: FeedPlan,
  data: Pick<FedExamples, 'examples' | 'shape'>,
  indices: readonly number[],
  normalization: Normalization,
): Promise<Float32Array> {
  const rows = fixed ? batch : indices.length;
  const fed = Array.from({ length: rows }, (_, row) => indices[Math.min(row, indices.length - 1)]!);
  const values = new Float32Array(rows * exampleDims.reduce((product, dim) => product * dim, 1));
  fillBatch(data, fed, normalization, values);
  const feeds = { [input]: float32([rows, ...exampleDims], values) };
  const { [output]: result } = await session.run(feeds, [output], { what: `run on ${named(indices)}` });
  return axisFirst(result!, axis ?? 0);
}

function named(indices: readonly number[]): string {
  const [first, last] = [indices[0], indices.at(-1)];
  return `${indices.length} examples, ${first} to ${last} (counted from 0)`;
}
