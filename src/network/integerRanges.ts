/** Interval arithmetic: what the results of integer operators lie in. */
import { elementOf } from '../lists/elementOf.js';

export type Interval = readonly [low: number, high: number];

/** What results of operators lie in, from what their operands lie in. `count`: operand elements for each of the result. */
type RangeRule = (operands: readonly Interval[], count: number) => Interval;

const ofOne =
  (range: (a: Interval, count: number) => Interval): RangeRule =>
  (operands, count) =>
    range(elementOf(operands, 0, 'operand'), count);
const ofTwo =
  (range: (a: Interval, b: Interval, count: number) => Interval): RangeRule =>
  (operands, count) =>
    range(elementOf(operands, 0, 'operand'), elementOf(operands, 1, 'operand'), count);

const most = ([low, high]: Interval) => Math.max(Math.abs(low), Math.abs(high));
export const within = (bound: number): Interval => [-bound, bound];
const added: RangeRule = (ranges) => [
  ranges.reduce((sum, [low]) => sum + low, 0),
  ranges.reduce((sum, [, high]) => sum + high, 0),
];
const product = ofTwo((a, b) => {
  const corners = a.flatMap((x) => b.map((y) => x * y || 0));
  return [Math.min(...corners), Math.max(...corners)];
});
const repeated = ofOne(([low, high], count) => [Math.min(0, low * count), Math.max(0, high * count)]);
/** An exponent of floats may be any. */
const toPower: RangeRule = ([a = [0, 0], [, exponent] = [0, Number.POSITIVE_INFINITY]]) =>
  within(Math.max(1, most(a)) ** Math.max(0, exponent));

export const rules: Readonly<Record<string, RangeRule>> = {
  Add: added,
  Sum: added,
  Sub: ofTwo((a, b) => [a[0] - b[1], a[1] - b[0]]),
  Mul: product,
  Div: ofOne((a) => within(most(a))),
  Mod: ofTwo((_, b) => within(most(b))),
  Neg: ofOne(([low, high]) => [-high, -low]),
  Abs: ofOne((a) => [0, most(a)]),
  Mean: added,
  Pow: toPower,
  BitShift: ofOne((a) => a),
  MatMul: ofTwo((a, b, count) => within(most(a) * most(b) * count)),
  Einsum: (ranges, count) => within(ranges.reduce((size, range) => size * most(range), count)),
  ReduceSum: repeated,
  ReduceMean: repeated,
  ReduceL1: repeated,
  ReduceSumSquare: ofOne((a, count) => [0, most(a) ** 2 * count]),
  ReduceL2: ofOne((a, count) => [0, most(a) ** 2 * count]),
  ReduceProd: ofOne((a, count) => within(Math.max(1, most(a)) ** count)),
  CumSum: repeated,
  CumProd: ofOne((a, count) => within(Math.max(1, most(a)) ** count)),
  Det: ofOne((a, count) => within(most(a) ** count * count)),
};
