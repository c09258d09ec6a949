/** Extents that a file writes for its fixed batch. */
import { type Evaluation, UnsupportedForm } from './operator.js';

/**
 * The extents that an operand asks of some axes, which have `extents` now. Where it is written for the file's fixed batch, the
 * actual batch takes its place: resizing along it would mix examples. Throws where it cannot be told which axis that is.
 */
export function withActualBatch(
  asked: readonly number[],
  axes: readonly number[],
  extents: readonly number[],
  { rebatch, note }: Evaluation,
): number[] {
  if (!rebatch || rebatch.fixed === rebatch.actual) return [...asked];
  const { fixed, actual, axis0 } = rebatch;
  const stale = asked.findIndex(
    (extent, i) => extent === fixed && extents[i] === actual && (axes[i] === 0 || !axis0),
  );
  if (stale < 0) return [...asked];
  if (!axis0)
    throw new UnsupportedForm(
      `the constant shape [${asked}] fits only the file's batch of ${fixed}`,
      'export the model with a dynamic batch dimension',
    );
  const read = asked.map((extent, i) => (i === stale ? actual : extent));
  note(
    `the constant shape [${asked}] is read as [${read.map((n, i) => (i === stale ? 'batch' : n)).join(', ')}]`,
  );
  return read;
}
