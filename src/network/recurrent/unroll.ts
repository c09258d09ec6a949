/** What RNN, LSTM and GRU share: a cell is carried over a sequence, in one direction or both, step by step. */

import * as tf from '@tensorflow/tfjs';
import { elementOf } from '../../lists/elementOf.js';
import { zip } from '../../lists/zip.js';
import { int, string } from '../attributes.js';
import { checkList } from '../extents.js';
import { UnsupportedForm } from '../operator.js';

/** Every step is recorded with nodes of its own. */
const mostSteps = 2048;

/** What one direction of a layer has stored: R [gates * hidden, hidden], biases [gates * hidden], P [3 * hidden]. */
export interface StoredDirection {
  readonly R: tf.Tensor2D;
  readonly biases: { readonly input: tf.Tensor; readonly recurrent: tf.Tensor } | undefined;
  readonly P: tf.Tensor | undefined;
}

/** The hidden state, and what else is carried. */
type RecurrentState = readonly [tf.Tensor, ...tf.Tensor[]];

export interface Cell {
  /** Added to the projections of all inputs, [gates * hidden]. */
  readonly bias: tf.Tensor | undefined;
  /**
   * @param projected input times W and the bias, [batch, gates * hidden]
   * @param state    [batch, hidden] each, the hidden one first; the result likewise
   */
  step(projected: tf.Tensor, state: RecurrentState): RecurrentState;
}

/** Operands in the layout of the node; `initial` has one entry for each state. */
export interface RecurrentOperands {
  readonly X: tf.Tensor;
  readonly W: tf.Tensor;
  readonly R: tf.Tensor;
  readonly B: tf.Tensor | undefined;
  readonly P?: tf.Tensor | undefined;
  readonly lengths: tf.Tensor | undefined;
  readonly initial: readonly (tf.Tensor | undefined)[];
}

export const sequenceAttributes = {
  direction: string('forward', { only: ['forward', 'reverse', 'bidirectional'] }),
  hidden_size: int(),
  layout: int(0, { since: 14, only: [0, 1] }),
  // Whether Y is wanted; a file that uses Y wants it.
  output_sequence: int(0, { until: 7 }),
};

interface RecurrentForm {
  readonly direction: string;
  readonly hidden_size: number | undefined;
  readonly layout: number;
}

export function directionsOf(direction: string): number {
  return backwards(direction).length;
}

/** Whether each direction runs backwards. */
function backwards(direction: string): boolean[] {
  return direction === 'bidirectional' ? [false, true] : [direction === 'reverse'];
}

/**
 * All hidden states, [steps, directions, batch, hidden] (layout 1: [batch, steps, directions, hidden]), then the last value
 * of each state, [directions, batch, hidden] ([batch, directions, hidden]). A sequence shorter than the longest starts, or
 * backwards ends, at its own last element; what lies beyond is 0, and so are the last states of an empty one.
 */
export function unroll(
  operands: RecurrentOperands,
  gates: number,
  form: RecurrentForm,
  cellOf: (stored: StoredDirection, direction: number) => Cell,
): tf.Tensor[] {
  const batchFirst = form.layout === 1;
  const swap = (x: tf.Tensor) => (batchFirst ? x.transpose([1, 0, 2]) : x);
  const X = swap(operands.X);
  const initial = operands.initial.map((state) => state && swap(state));
  const runs = backwards(form.direction);
  const hidden = checkShapes({ ...operands, X, initial }, gates, runs.length, form.hidden_size);
  const [steps, batch] = X.shape as [number, number];
  checkList(steps, mostSteps);
  const lengths = operands.lengths?.reshape([batch, 1]);
  const states = initial.map((state) => (state ? entries(state) : runs.map(() => tf.zeros([batch, hidden]))));
  const [W, stored] = [entries(operands.W), storedOf(operands, gates * hidden)];
  const directions = zip(runs, stored, W).map(([reverse, own, rows], d) => {
    const cell = cellOf(own, d);
    const projected = project(X, rows as tf.Tensor2D, cell.bias);
    const first = states.map((state) => elementOf(state, d, 'direction'));
    return carry(cell, projected, first as [tf.Tensor, ...tf.Tensor[]], lengths, reverse);
  });
  const last = zip(...directions.map(({ state }) => state)).map((both) => swap(tf.stack(both)));
  if (steps === 0) return [tf.zeros(emptyShape(batch, runs.length, hidden, batchFirst)), ...last];
  const all = tf.stack(
    directions.map(({ hidden: values }) => tf.stack(values)),
    1,
  );
  return [batchFirst ? all.transpose([2, 0, 1, 3]) : all, ...last];
}

function emptyShape(batch: number, directions: number, hidden: number, batchFirst: boolean): number[] {
  return batchFirst ? [batch, 0, directions, hidden] : [0, directions, batch, hidden];
}

function storedOf({ R, B, P }: RecurrentOperands, rows: number): StoredDirection[] {
  const biases = B && entries(B).map((both) => tf.split(both, [rows, rows]));
  const peepholes = P && entries(P);
  return entries(R).map((matrix, d) => {
    const [input, recurrent] = biases?.[d] ?? [];
    return {
      R: matrix as tf.Tensor2D,
      biases: input && recurrent ? { input, recurrent } : undefined,
      P: peepholes?.[d],
    };
  });
}

/** Every step's input times the transpose of W, with the bias: one product for the whole sequence. */
function project(X: tf.Tensor, W: tf.Tensor2D, bias: tf.Tensor | undefined): tf.Tensor[] {
  const [steps, batch, size] = X.shape as [number, number, number];
  if (steps === 0) return [];
  const product = tf.matMul(X.reshape([steps * batch, size]), W, false, true);
  const projected = bias ? product.add(bias) : product;
  return entries(projected.reshape([steps, batch, W.shape[0]]));
}

function carry(
  cell: Cell,
  projected: readonly tf.Tensor[],
  initial: RecurrentState,
  lengths: tf.Tensor | undefined,
  reverse: boolean,
): { hidden: tf.Tensor[]; state: readonly tf.Tensor[] } {
  let state = initial;
  const times = [...projected.entries()];
  const hidden: tf.Tensor[] = [];
  for (const [time, input] of reverse ? times.reverse() : times) {
    const next = cell.step(input, state);
    const inside = lengths?.greater(tf.scalar(time, 'int32'));
    state = inside ? kept(inside, next, state) : next;
    hidden[time] = inside ? orZero(inside, next[0]) : next[0];
  }
  const some = lengths?.greater(tf.scalar(0, 'int32'));
  return { hidden, state: some ? state.map((value) => orZero(some, value)) : state };
}

/** The next state where the sequence goes on, else the one before. */
function kept(
  inside: tf.Tensor,
  [hidden, ...others]: RecurrentState,
  [before, ...rest]: RecurrentState,
): RecurrentState {
  return [
    tf.where(inside, hidden, before),
    ...zip(others, rest).map(([next, old]) => tf.where(inside, next, old)),
  ];
}

function orZero(condition: tf.Tensor, x: tf.Tensor): tf.Tensor {
  return tf.where(condition, x, tf.zerosLike(x));
}

/** The number of hidden units; throws where an operand does not fit. */
function checkShapes(
  { X, W, R, B, P, lengths, initial }: RecurrentOperands,
  gates: number,
  directions: number,
  declared: number | undefined,
): number {
  const hidden = R.shape.at(-1) ?? 0;
  const [, batch, size] = X.shape;
  const check = (name: string, x: tf.Tensor | undefined, shape: (number | undefined)[]) => {
    if (x && x.shape.join() !== shape.join())
      throw new UnsupportedForm(`${name} is [${x.shape}] where [${shape}] belongs`);
  };
  if (X.rank !== 3) throw new UnsupportedForm(`X is [${X.shape}] where three axes belong`);
  if (declared !== undefined && declared !== hidden)
    throw new UnsupportedForm(`hidden_size ${declared} with R [${R.shape}]`);
  check('W', W, [directions, gates * hidden, size]);
  check('R', R, [directions, gates * hidden, hidden]);
  check('B', B, [directions, 2 * gates * hidden]);
  check('P', P, [directions, 3 * hidden]);
  check('sequence_lens', lengths, [batch]);
  for (const state of initial) check('an initial state', state, [directions, batch, hidden]);
  return hidden;
}

/** The entries along the first axis. The gradient of tfjs's unstack takes more than one for granted. */
export function entries(x: tf.Tensor): tf.Tensor[] {
  return x.shape[0] === 1 ? [x.reshape(x.shape.slice(1))] : tf.unstack(x);
}
