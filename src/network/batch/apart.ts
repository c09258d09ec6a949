/** Where the examples of a batch are in a value, and how a rule tells it of what a node makes. */

import { sizeOf } from '../../compile/kernel.js';

/** Along one axis, one after the other, each `rows` wide. */
export interface BatchPlace {
  readonly axis: number;
  /** How many neighbours along the axis belong to one example: more than one where a Reshape joined axes. */
  readonly rows: number;
}

export interface Apart extends BatchPlace {
  /** How many examples there are. */
  readonly count: number;
  /** How many the file fixes for the input that they come from. */
  readonly fixed: number | undefined;
}

/** Examples met here, or could not be told apart any longer. */
export interface Mixed {
  readonly mixed: string;
  /** The node. */
  readonly where: string | undefined;
  /** Indices as MaxPool gives them: they count elements of the whole batch. MaxUnpool reads them rightly. */
  readonly places?: boolean;
}

export type Batch = Apart | Mixed;

export function isMixed(batch: Batch | undefined): batch is Mixed {
  return batch !== undefined && 'mixed' in batch;
}

/** The axis along which examples can be read off one by one. What belongs to one of them must not lie apart. */
export function batchAxisOf(batch: Batch | undefined, shape: readonly number[]): number | undefined {
  if (!batch || isMixed(batch)) return undefined;
  return batch.rows > 1 && sizeOf(shape.slice(0, batch.axis)) > 1 ? undefined : batch.axis;
}

/** What a constant that is written for the file's batch must be read with. */
export function rebatchOf(batch: Batch | undefined) {
  if (!batch || isMixed(batch) || batch.fixed === undefined) return undefined;
  return { fixed: batch.fixed, actual: batch.count, axis0: batch.axis === 0 };
}

/** Thrown by a rule where examples meet; the words follow the operator's name. */
export class ExamplesMeet extends Error {}

export interface BatchOperand {
  readonly shape: readonly number[];
  /** Absent if it holds nothing of the examples. */
  readonly place?: BatchPlace | undefined;
}

/** What a rule sees of a node that has been computed. */
export interface Seen {
  readonly opset: number;
  readonly attributes: Readonly<Record<string, unknown>>;
  readonly operands: readonly (BatchOperand | undefined)[];
  /** Shapes. */
  readonly results: readonly (readonly number[] | undefined)[];
  readonly count: number;
  /** How many the file fixes. */
  readonly fixed: number | undefined;
  /** Whether the file fixes another number of examples: what does not hold for any number is then a meeting. */
  readonly strict: boolean;
  /** Values of an operand, if they are known while the network is built. */
  integers(operand: number): readonly number[] | undefined;
}

/** Of every result, or of each. */
export type Told = BatchPlace | undefined | readonly (BatchPlace | undefined)[];
export type BatchRule = (seen: Seen) => Told;

export function along(axis: number): never {
  throw new ExamplesMeet(
    `axis ${axis} is that of the batch, which the file fixes: another batch would mix examples`,
  );
}

export function unfollowed(why: string): never {
  throw new ExamplesMeet(
    `${why}: the examples of a batch, which the file fixes, can no longer be told apart`,
  );
}

/** The one operand that may hold examples, and where; the others are the same for all. */
export function only(seen: Seen, index = 0): BatchOperand & { readonly place: BatchPlace } {
  const others = seen.operands.some((operand, i) => i !== index && operand?.place);
  const { place, shape } = seen.operands[index] ?? {};
  if (others || !place || !shape) unfollowed('an operand beside the data is made of the examples');
  return { shape, place };
}

/** An operand that the operator cannot do without. */
export function operandOf({ operands }: Seen, index: number): BatchOperand {
  const operand = operands[index];
  if (!operand) throw new Error(`operand ${index} is missing`);
  return operand;
}

/** The shape of the first result. */
export function resultOf({ results: [result] }: Seen): readonly number[] {
  if (!result) throw new Error('there is no result');
  return result;
}

/** An attribute that is a number. */
export function numberOf({ attributes }: Seen, name: string): number | undefined {
  const value = attributes[name];
  return typeof value === 'number' ? value : undefined;
}

export function listOf({ attributes }: Seen, name: string): readonly number[] | undefined {
  const value = attributes[name];
  return Array.isArray(value) ? (value as number[]) : undefined;
}

/** From 0, as `axisOf` does for an axis that is known to be one. */
export function fromStart(axis: number, rank: number): number {
  return axis < 0 ? axis + rank : axis;
}
