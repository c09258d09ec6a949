/**
 * Where the examples are in the output, and whether they keep to themselves: by experiment. Of a batch that is fed twice, the
 * second time with another example in its first place, only what belongs to that place may change.
 */
import { fillBatch } from '../../data/batch.js';
import type { Dataset } from '../../data/dataset.js';
import type { Normalization } from '../../data/normalize.js';
import type { Problem } from '../../errors.js';
import { float32, type HostTensor } from '../../runtime/host.js';
import type { Session } from '../../runtime/session.js';
import type { FeedPlan } from '../feed/feedPlan.js';

export interface OutputAxis {
  axis: number;
  /** Of the output for one example. */
  shape: number[];
  /** Whether an example changes what others give. */
  mixes: boolean;
}

/** Examples at once where the model leaves it open. */
const few = 3;
/** Relative to the largest output: what another order of summation may do. */
const unchanged = 1e-5;

/** Undefined where no axis of the output is that of the examples. */
export async function findOutputAxis(
  session: Session,
  feedPlan: FeedPlan,
  data: Dataset,
  normalization: Normalization,
): Promise<OutputAxis | undefined> {
  const count = feedPlan.fixed ? feedPlan.batch : Math.min(few, feedPlan.batch, data.count);
  const examples = Array.from({ length: count }, (_, i) => i % data.count);
  const first = await outputOf(session, feedPlan, data, examples, normalization);
  const fewer = feedPlan.fixed ? undefined : examples.slice(1);
  const shorter = fewer?.length ? await outputOf(session, feedPlan, data, fewer, normalization) : undefined;
  // Where the batch is open its axis follows it; another may have its extent by accident.
  const candidates = axesOf(first.dims, count).filter(
    (axis) => !shorter || shorter.dims[axis]! * count === first.dims[axis]! * (count - 1),
  );
  const found = (axis: number, mixes: boolean) => ({
    axis,
    shape: exampleShape(first.dims, axis, count),
    mixes,
  });
  if (count === 1) return candidates.length > 0 ? found(candidates[0]!, false) : undefined;
  const others = [Math.min(count, data.count - 1), ...examples.slice(1)];
  const second = await outputOf(session, feedPlan, data, others, normalization);
  if (second.dims.join() !== first.dims.join()) return undefined;
  const apart = candidates.find((axis) => changesOnlyFirst(first, second, axis, count));
  if (apart !== undefined) return found(apart, false);
  // A mixing model is judged as it is fed, if its output begins with the batch as its input does.
  return candidates.includes(0) ? found(0, true) : undefined;
}

/** Labels name one of a row of scores; of a map or a sequence of them, they name none. */
export function labelRowProblems({ shape }: OutputAxis, output: string, { targets }: Dataset): Problem[] {
  if (targets || shape.filter((extent) => extent !== 1).length <= 1) return [];
  const hint = `let the model put out one row of scores, or give targets of [${shape}] (y as float32)`;
  return [
    {
      what: `output "${output}" is [${shape}] for an example, and a label names one score of a row`,
      hint,
    },
  ];
}

async function outputOf(
  session: Session,
  { input, exampleDims, output }: FeedPlan,
  data: Dataset,
  indices: readonly number[],
  normalization: Normalization,
): Promise<HostTensor> {
  const values = new Float32Array(indices.length * size(exampleDims));
  fillBatch(data, indices, normalization, values);
  const fed = { [input]: float32([indices.length, ...exampleDims], values) };
  return (await session.run(fed, [output]))[output]!;
}

/** Axes that may be the batch: as long as it, or a multiple where nothing comes before. */
function axesOf(dims: readonly number[], count: number): number[] {
  const exact = [...dims.keys()].filter((axis) => dims[axis] === count);
  const joined = [...dims.keys()].filter(
    (axis) => dims[axis] !== count && dims[axis]! % count === 0 && size(dims.slice(0, axis)) === 1,
  );
  return [...exact, ...joined];
}

function exampleShape(dims: readonly number[], axis: number, count: number): number[] {
  return dims.flatMap((extent, i) => (i !== axis ? [extent] : extent === count ? [] : [extent / count]));
}

function changesOnlyFirst(a: HostTensor, b: HostTensor, axis: number, count: number): boolean {
  const [before, after] = [a.data as Float32Array, b.data as Float32Array];
  const rows = a.dims[axis]! / count;
  const inner = size(a.dims.slice(axis + 1));
  const largest = before.reduce((most, value) => Math.max(most, Math.abs(value) || 0), 0);
  return before.every((value, i) => {
    if (Math.floor(i / inner) % a.dims[axis]! < rows) return true;
    return Object.is(value, after[i]) || Math.abs(value - after[i]!) <= unchanged * largest;
  });
}

function size(dims: readonly number[]): number {
  return dims.reduce((product, extent) => product * extent, 1);
}
