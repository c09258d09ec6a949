/** Rules of matrix products: the batch is no axis that is summed over. */
import { elementOf } from '../../lists/elementOf.js';
import { zip } from '../../lists/zip.js';
import { labelAxes, parseEquation } from '../equation.js';
import {
  along,
  type BatchOperand,
  type BatchPlace,
  type BatchRule,
  operandOf,
  resultOf,
  type Seen,
  unfollowed,
} from './apart.js';
import { broadcastPlace } from './pointwise.js';

/** Operands `a` and `b` of NumPy's matmul; the rest are scales and zero points. */
export const matmul =
  (a: number, b: number): BatchRule =>
  (seen) => {
    const [left, right] = [operandOf(seen, a), operandOf(seen, b)];
    if (seen.operands.some((operand, i) => i !== a && i !== b && operand?.place))
      unfollowed('a scale is made of the examples');
    const [rankA, rankB] = [left.shape.length, right.shape.length];
    if (left.place?.axis === rankA - 1) along(rankA - 1);
    if (right.place?.axis === Math.max(0, rankB - 2)) along(right.place.axis);
    return stacked(seen, left, right);
  };

/** Of a product as matmul counts axes: rows of the left, columns of the right, and what is before broadcasts. */
function stacked(seen: Seen, left: BatchOperand, right: BatchOperand): BatchPlace {
  const rank = resultOf(seen).length;
  const rows = left.shape.length >= 2 && left.place?.axis === left.shape.length - 2 && left.place;
  const columns = right.shape.length >= 2 && right.place?.axis === right.shape.length - 1 && right.place;
  if (rows && !right.place) return { axis: rank - (right.shape.length >= 2 ? 2 : 1), rows: rows.rows };
  if (columns && !left.place) return { axis: rank - 1, rows: columns.rows };
  if (rows || columns) unfollowed('each example meets every other');
  // What is lost of two axes where an operand is a vector.
  const whole = (operand: BatchOperand): BatchOperand => ({ ...operand, shape: operand.shape.slice(0, -2) });
  const outer = Math.max(left.shape.length, right.shape.length) - 2;
  return broadcastPlace(seen, [whole(left), whole(right)], outer);
}

/** alpha A B + beta C, A and B perhaps transposed. */
export const gemm: BatchRule = (seen) => {
  const [A, B] = [operandOf(seen, 0), operandOf(seen, 1)];
  const summedA = seen.attributes.transA ? 0 : 1;
  const summedB = seen.attributes.transB ? 1 : 0;
  if (A.place?.axis === summedA) along(summedA);
  if (B.place?.axis === summedB) along(summedB);
  if (A.place && B.place) unfollowed('each example meets every other');
  const held = A.place ?? B.place;
  if (!held) unfollowed('a product of constants reaches along the batch');
  const place = { axis: A.place ? 0 : 1, rows: held.rows };
  return broadcastPlace(seen, [{ shape: resultOf(seen), place }, seen.operands[2]], 2);
};

/** The batch has one letter, which the result keeps. */
export const einsum: BatchRule = (seen) => {
  const parsed = parseEquation(seen.attributes.equation as string);
  if ('what' in parsed) unfollowed(parsed.what);
  const operands = [...seen.operands.keys()].map((i) => operandOf(seen, i));
  const labels = labelAxes(
    parsed,
    operands.map(({ shape }) => shape.length),
  );
  const labelled = zip(operands, labels.operands);
  const held = labelled.flatMap(([{ place }, letters]) =>
    place ? [{ ...place, letter: elementOf(letters, place.axis, 'letter') }] : [],
  );
  const first = elementOf(held, 0, 'operand');
  const { letter, rows } = first;
  if (held.some((other) => other.letter !== letter || other.rows !== rows))
    unfollowed('operands hold the examples under different letters');
  const axis = labels.result.indexOf(letter);
  if (axis < 0) along(first.axis);
  const other = operands.find(({ place, shape }, i) => {
    const at = labels.operands[i]?.indexOf(letter) ?? -1;
    return !place && at >= 0 && shape[at] !== 1;
  });
  if (other && seen.strict) unfollowed(`an operand [${other.shape}] reaches along the batch`);
  if (labels.operands.some((own) => own.indexOf(letter) !== own.lastIndexOf(letter)))
    unfollowed('a diagonal goes along the batch');
  return { axis, rows };
};
