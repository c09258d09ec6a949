/** Rules of matrix products: the batch is no axis that is summed over. */
import { labelAxes, parseEquation } from '../equation.js';
import { along, type Operand, type Place, type Rule, type Seen, unfollowed } from './apart.js';
import { broadcastPlace } from './pointwise.js';

/** Operands `a` and `b` of NumPy's matmul; the rest are scales and zero points. */
export const matmul =
  (a: number, b: number): Rule =>
  (seen) => {
    const left = seen.operands[a]!;
    const right = seen.operands[b]!;
    if (seen.operands.some((operand, i) => i !== a && i !== b && operand?.place))
      unfollowed('a scale is made of the examples');
    const [rankA, rankB] = [left.shape.length, right.shape.length];
    if (left.place?.axis === rankA - 1) along(rankA - 1);
    if (right.place?.axis === Math.max(0, rankB - 2)) along(right.place.axis);
    return stacked(seen, left, right);
  };

/** Of a product as matmul counts axes: rows of the left, columns of the right, and what is before broadcasts. */
function stacked(seen: Seen, left: Operand, right: Operand): Place {
  const rank = seen.results[0]!.length;
  const rows = left.shape.length >= 2 && left.place?.axis === left.shape.length - 2;
  const columns = right.shape.length >= 2 && right.place?.axis === right.shape.length - 1;
  if (rows && !right.place) return { axis: rank - (right.shape.length >= 2 ? 2 : 1), rows: left.place!.rows };
  if (columns && !left.place) return { axis: rank - 1, rows: right.place!.rows };
  if (rows || columns) unfollowed('each example meets every other');
  // What is lost of two axes where an operand is a vector.
  const whole = (operand: Operand): Operand => ({ ...operand, shape: operand.shape.slice(0, -2) });
  const outer = Math.max(left.shape.length, right.shape.length) - 2;
  return broadcastPlace(seen, [whole(left), whole(right)], outer);
}

/** alpha A B + beta C, A and B perhaps transposed. */
export const gemm: Rule = (seen) => {
  const [A, B, C] = seen.operands;
  const summedA = seen.attributes.transA ? 0 : 1;
  const summedB = seen.attributes.transB ? 1 : 0;
  if (A!.place?.axis === summedA) along(summedA);
  if (B!.place?.axis === summedB) along(summedB);
  if (A!.place && B!.place) unfollowed('each example meets every other');
  if (!A!.place && !B!.place) unfollowed('a product of constants reaches along the batch');
  const place = A!.place ? { axis: 0, rows: A!.place.rows } : { axis: 1, rows: B!.place!.rows };
  return broadcastPlace(seen, [{ shape: seen.results[0]!, place }, C], 2);
};

/** The batch has one letter, which the result keeps. */
export const einsum: Rule = (seen) => {
  const parsed = parseEquation(seen.attributes.equation as string);
  if ('what' in parsed) unfollowed(parsed.what);
  const operands = seen.operands as readonly Operand[];
  const labels = labelAxes(
    parsed as Exclude<typeof parsed, { what: string }>,
    operands.map(({ shape }) => shape.length),
  );
  const held = operands.flatMap(({ place }, i) =>
    place ? [{ ...place, letter: labels.operands[i]![place.axis]! }] : [],
  );
  const [{ letter, rows }] = held as [(typeof held)[0]];
  if (held.some((other) => other.letter !== letter || other.rows !== rows))
    unfollowed('operands hold the examples under different letters');
  const axis = labels.result.indexOf(letter);
  if (axis < 0) along(held[0]!.axis);
  const other = operands.findIndex(({ place, shape }, i) => {
    const at = labels.operands[i]!.indexOf(letter);
    return !place && at >= 0 && shape[at] !== 1;
  });
  if (other >= 0 && seen.strict) unfollowed(`an operand [${operands[other]!.shape}] reaches along the batch`);
  if (labels.operands.some((own) => own.indexOf(letter) !== own.lastIndexOf(letter)))
    unfollowed('a diagonal goes along the batch');
  return { axis, rows };
};
