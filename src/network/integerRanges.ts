/** Interval arithmetic: what the results of integer operators lie in. */

export type Range = readonly [low: number, high: number];

/** What results of operators lie in, from what their operands lie in. `count`: operand elements for each of the result. */
type Rule = (operands: readonly Range[], count: number) => Range;

const most = ([low, high]: Range) => Math.max(Math.abs(low), Math.abs(high));
export const within = (bound: number): Range => [-bound, bound];
const added: Rule = (ranges) => [
  ranges.reduce((sum, [low]) => sum + low, 0),
  ranges.reduce((sum, [, high]) => sum + high, 0),
];
const product: Rule = ([a, b]) => {
  const corners = a!.flatMap((x) => b!.map((y) => x * y || 0));
  return [Math.min(...corners), Math.max(...corners)];
};
const repeated: Rule = ([a], count) => [Math.min(0, a![0] * count), Math.max(0, a![1] * count)];
/** An exponent of floats may be any. */
const toPower: Rule = ([a, n]) =>
  within(Math.max(1, most(a!)) ** Math.max(0, n?.[1] ?? Number.POSITIVE_INFINITY));

export const rules: Readonly<Record<string, Rule>> = {
  Add: added,
  Sum: added,
  Sub: ([a, b]) => [a![0] - b![1], a![1] - b![0]],
  Mul: product,
  Div: ([a]) => within(most(a!)),
  Mod: ([, b]) => within(most(b!)),
  Neg: ([a]) => [-a![1], -a![0]],
  Abs: ([a]) => [0, most(a!)],
  Mean: added,
  Pow: toPower,
  BitShift: ([a]) => a!,
  MatMul: ([a, b], count) => within(most(a!) * most(b!) * count),
  Einsum: (ranges, count) => within(ranges.reduce((size, range) => size * most(range), count)),
  ReduceSum: repeated,
  ReduceMean: repeated,
  ReduceL1: repeated,
  ReduceSumSquare: ([a], count) => [0, most(a!) ** 2 * count],
  ReduceL2: ([a], count) => [0, most(a!) ** 2 * count],
  ReduceProd: ([a], count) => within(Math.max(1, most(a!)) ** count),
  CumSum: repeated,
  CumProd: ([a], count) => within(Math.max(1, most(a!)) ** count),
  Det: ([a], count) => within(most(a!) ** count * count),
};
