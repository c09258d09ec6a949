/** Rules of operators that give the elements other axes. */

import { sizeOf } from '../../compile/kernel.js';
import { elementOf } from '../../lists/elementOf.js';
import {
  along,
  type BatchPlace,
  type BatchRule,
  fromStart,
  listOf,
  numberOf,
  only,
  resultOf,
  type Seen,
  unfollowed,
} from './apart.js';

export const transpose: BatchRule = (seen) => {
  const { shape, place } = only(seen);
  const perm = listOf(seen, 'perm') ?? [...shape.keys()].reverse();
  return { axis: perm.indexOf(place.axis), rows: place.rows };
};

/** As many elements before the batch as there were, and then a whole number of elements for each example. */
export const reshape: BatchRule = (seen) => {
  const { shape, place } = only(seen);
  const result = resultOf(seen);
  const before = sizeOf(shape.slice(0, place.axis));
  const candidates = [...result.entries()]
    .map(([axis, extent]) => ({ axis, extent, rows: extent / seen.count }))
    .filter(
      ({ axis, extent, rows }) =>
        sizeOf(result.slice(0, axis)) === before && extent > 0 && Number.isInteger(rows),
    );
  const exact = candidates.filter(({ rows }) => rows === place.rows);
  const found = exact.find(({ axis }) => axis === place.axis) ?? exact[0] ?? candidates[0];
  if (!found) unfollowed(`[${shape}] becomes [${result}]`);
  return { axis: found.axis, rows: found.rows };
};

export const squeeze: BatchRule = (seen) => {
  const { shape, place } = only(seen);
  const given = seen.operands[1] ? seen.integers(1) : listOf(seen, 'axes');
  // The file has an extent of 1 there, which goes.
  if (!given && seen.strict && seen.fixed === 1 && place.rows === 1)
    unfollowed('without axes it drops the batch too, where the file fixes 1');
  const axes = given
    ? given.map((axis) => fromStart(axis, shape.length))
    : [...shape.keys()].filter((axis) => shape[axis] === 1);
  if (axes.includes(place.axis)) unfollowed('the axis of the batch is dropped');
  return { axis: place.axis - axes.filter((axis) => axis < place.axis).length, rows: place.rows };
};

export const unsqueeze: BatchRule = (seen) => {
  const { place } = only(seen);
  const given = (seen.operands[1] ? seen.integers(1) : listOf(seen, 'axes')) ?? [];
  const rank = resultOf(seen).length;
  const inserted = new Set(given.map((axis) => fromStart(axis, rank)));
  const kept = [...Array(rank).keys()].filter((axis) => !inserted.has(axis));
  return { axis: elementOf(kept, place.axis, 'axis'), rows: place.rows };
};

/** To more axes in front, or along axes of extent 1. */
export const expand: BatchRule = (seen) => {
  const { shape, place } = only(seen);
  const result = resultOf(seen);
  const axis = place.axis + result.length - shape.length;
  if (result[axis] !== shape[place.axis]) along(axis);
  return { axis, rows: place.rows };
};

export const oneHot: BatchRule = (seen) => {
  const { place } = only(seen);
  const axis = fromStart(numberOf(seen, 'axis') ?? -1, resultOf(seen).length);
  return { axis: place.axis + (axis <= place.axis ? 1 : 0), rows: place.rows };
};

/** Sequence first, or the batch (`layout` 1). The states have the directions first. */
export const recurrent: BatchRule = (seen) => {
  const batchFirst = numberOf(seen, 'layout') === 1;
  const [X, , , , lengths, ...states] = seen.operands;
  const at = batchFirst ? 0 : 1;
  const peepholes = states[2];
  const expected: [typeof X, number][] = [
    [X, at],
    [lengths, 0],
    [states[0], at],
    [states[1], at],
  ];
  const wrong = expected.some(([operand, axis]) => operand?.place && misplaced(operand.place, axis));
  const weights = [...seen.operands.slice(1, 4), peepholes].some((operand) => operand?.place);
  if (X?.place && X.place.axis === 1 - at) along(X.place.axis);
  if (wrong || weights) unfollowed('an operand holds the examples along another axis');
  const state = { axis: at, rows: 1 };
  return [{ axis: batchFirst ? 0 : 2, rows: 1 }, state, state];
};

function misplaced({ axis, rows }: BatchPlace, expected: number): boolean {
  return axis !== expected || rows !== 1;
}

export const attention: BatchRule = (seen) => {
  const mask = seen.operands[3];
  if (mask?.place && (mask.shape.length !== 4 || mask.place.axis !== 0))
    unfollowed('the mask holds the examples along another axis');
  return atFront(seen);
};

/** Every operand that holds examples has them at axis 0. */
export const atFront = (seen: Seen): BatchPlace => {
  for (const operand of seen.operands)
    if (operand?.place && misplaced(operand.place, 0))
      unfollowed(`examples lie along axis ${operand.place.axis}`);
  return { axis: 0, rows: 1 };
};
