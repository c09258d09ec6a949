/** Follows the examples of a batch through nodes that have been computed. */
import type { Flow } from '../control/flow.js';
import type { PlannedNode } from '../plan.js';
import {
  type Apart,
  type Batch,
  type BatchPlace,
  batchAxisOf,
  ExamplesMeet,
  isMixed,
  type Mixed,
  type Seen,
} from './apart.js';
import { askedShapes, rules, seesShapes } from './rules.js';

/** @param strict whether the file fixes another number of examples */
export function followBatch(
  planned: PlannedNode,
  operands: readonly (Flow | undefined)[],
  results: readonly ({ readonly shape: readonly number[] } | undefined)[],
  strict: boolean,
): (Batch | undefined)[] {
  const { node, attributes, opset } = planned;
  const type = node.opType;
  const everywhere = (batch: Batch | undefined) => results.map(() => batch);
  if (seesShapes.has(type) || operands.every((operand) => !operand?.batch)) return everywhere(undefined);
  const reads = operands.map((operand, i) =>
    type === 'MaxUnpool' && i === 1 && places(operand) ? undefined : operand,
  );
  const lost = reads.find((operand) => isMixed(operand?.batch))?.batch;
  if (lost) return everywhere(lost);
  const held = reads.flatMap((operand) => (operand?.batch ? [operand.batch as Apart] : []));
  const meets = (what: string): Mixed => ({
    mixed: `${type} (opset ${opset}): ${what}`,
    where: planned.label,
  });
  const [first] = held as [Apart];
  if (held.some(({ count, fixed }) => count !== first.count || fixed !== first.fixed))
    return everywhere(meets('operands come from inputs that fix different batches'));
  const counted = reads.some((operand, i) => operand?.own && askedShapes.get(type) !== i);
  if (counted) return everywhere(meets('an operand depends on how many examples there are'));
  const rule = rules.get(type);
  if (!rule)
    return everywhere(meets('the examples of a batch, which the file fixes, cannot be followed through it'));
  const seen: Seen = {
    opset,
    attributes,
    operands: reads.map(
      (operand) => operand && { shape: operand.tensor.shape, place: operand.batch as Apart | undefined },
    ),
    results: results.map((result) => result?.shape),
    count: first.count,
    fixed: first.fixed,
    strict,
    integers: (i) => numbers(operands[i]),
  };
  try {
    const told = rule(seen);
    const of = (i: number) => (Array.isArray(told) ? told[i] : told) as BatchPlace | undefined;
    return results.map((result, i) => {
      if (type === 'MaxPool' && i === 1)
        return { ...meets('the indices count through the whole batch'), places: true };
      return result && placed(of(i), result.shape, first, meets);
    });
  } catch (cause) {
    if (cause instanceof ExamplesMeet) return everywhere(meets(cause.message));
    throw cause;
  }
}

function places(operand: Flow | undefined): boolean {
  return isMixed(operand?.batch) && operand.batch.places === true;
}

function placed(
  place: BatchPlace | undefined,
  shape: readonly number[],
  { count, fixed }: Apart,
  meets: (what: string) => Mixed,
): Batch {
  if (!place || shape[place.axis] !== count * place.rows)
    return meets(`a result [${shape}] does not hold ${count} examples along an axis`);
  return { axis: place.axis, rows: place.rows, count, fixed };
}

function numbers(operand: Flow | undefined): number[] | undefined {
  try {
    return operand && Array.from(operand.tensor.dataSync());
  } catch {
    // Not known while a program is recorded: the rule will not be able to tell.
    return undefined;
  }
}

/** The slices of iterations, joined along a new axis. */
export function stackedBatch(slices: readonly Flow[], axis: number): Batch | undefined {
  const batches = slices.map(({ batch }) => batch);
  const mixed = batches.find(isMixed);
  const [first] = batches as [Batch | undefined];
  if (mixed || !first)
    return mixed ?? (batches.some(Boolean) ? meeting('iterations differ in it') : undefined);
  const { axis: at, rows } = first as Apart;
  const same = batches.every(
    (batch) => (batch as Apart | undefined)?.axis === at && (batch as Apart).rows === rows,
  );
  if (!same) return meeting('iterations hold the examples along different axes');
  return { ...(first as Apart), axis: at + (axis <= at ? 1 : 0) };
}

/** What is left of a value without an axis. */
export function slicedBatch(batch: Batch | undefined, axis: number): Batch | undefined {
  if (!batch || isMixed(batch)) return batch;
  if (batch.axis === axis) return meeting(`it goes along axis ${axis}, that of the batch`);
  return { ...batch, axis: batch.axis - (axis < batch.axis ? 1 : 0) };
}

/** One of two values, as a condition says. */
export function chosenBatch(condition: Flow, yes: Flow, no: Flow): Batch | undefined {
  if (condition.batch || condition.own) return meeting('the examples decide it for all of them');
  const same =
    isMixed(yes.batch) ||
    (!isMixed(no.batch) && yes.batch?.axis === no.batch?.axis && yes.batch?.rows === no.batch?.rows);
  return same
    ? yes.batch
    : isMixed(no.batch)
      ? no.batch
      : meeting('what it chooses from holds the examples differently');
}

/** The node is filled in by whoever knows it. */
function meeting(what: string): Mixed {
  return { mixed: what, where: undefined };
}

/** What an If, a Loop or a Scan gives, where examples met in it. */
export function placedAt(flow: Flow, label: string): Flow {
  const { batch } = flow;
  return isMixed(batch) && batch.where === undefined ? { ...flow, batch: { ...batch, where: label } } : flow;
}

/** Of an output: as an example has it, its values must be found again. */
export function outputBatch(name: string, { batch, own, tensor }: Flow): Batch | undefined {
  const where = `output "${name}"`;
  if (own) return { mixed: 'it depends on how many examples there are, and the file fixes that', where };
  if (!batch || isMixed(batch) || batchAxisOf(batch, tensor.shape) !== undefined) return batch;
  return { mixed: `what belongs to one of ${batch.count} examples is spread over [${tensor.shape}]`, where };
}
