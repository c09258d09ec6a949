/** What forms are drawn from: shapes, axes, numbers. Extents are small: the odd cases are all among them, and rounding errors stay small. */
import fc from 'fast-check';
import type { AttributeValue } from '../../../src/onnx/build.js';
import type { Example, ExampleInput } from '../example.js';

/** A node without its opset, which is drawn first: the form may depend on it. */
export type Form = Omit<Example, 'opset'>;
/** The forms of an operator in an operator set. */
export type Draw = (opset: number) => fc.Arbitrary<Form>;
/** By operator. */
export type Forms = Readonly<Record<string, Draw>>;

type Shape = readonly number[];

export const extent: fc.Arbitrary<number> = fc.integer({ min: 1, max: 4 });

/** Any shape of a rank between the two. */
export function shape(lowest: number, highest = lowest, each = extent): fc.Arbitrary<number[]> {
  return fc.array(each, { minLength: lowest, maxLength: highest });
}

/** An axis of a tensor of the rank, counted from the front or from the end. */
export function axis(rank: number): fc.Arbitrary<number> {
  return fc.integer({ min: -rank, max: rank - 1 });
}

/** At least so many different axes, in any order, each counted from the front or from the end. */
export function axes(rank: number, atLeast = 1): fc.Arbitrary<number[]> {
  return fc
    .tuple(
      fc.subarray([...Array(rank).keys()], { minLength: atLeast }),
      fc.array(fc.boolean(), { minLength: rank, maxLength: rank }),
      fc.boolean(),
    )
    .map(([chosen, fromEnd, reversed]) => {
      const signed = chosen.map((at) => (fromEnd[at] ? at - rank : at));
      return reversed ? signed.reverse() : signed;
    });
}

/** Some order of 0 ... n - 1. */
export function permutation(n: number): fc.Arbitrary<number[]> {
  const all = [...Array(n).keys()];
  return fc.shuffledSubarray(all, { minLength: n, maxLength: n });
}

/** A shape that broadcasts to this one: some extents are one, some leading axes are missing. */
export function broadcastable(to: Shape): fc.Arbitrary<number[]> {
  return fc
    .tuple(fc.nat(to.length), fc.array(fc.boolean(), { minLength: to.length, maxLength: to.length }))
    .map(([missing, single]) => to.map((n, i) => (single[i] ? 1 : n)).slice(missing));
}

/** So many shapes of rank `highest` at most that broadcast with one another. */
export function broadcasting(count: number, highest = 4, each = extent): fc.Arbitrary<number[][]> {
  return shape(0, highest, each).chain((to) =>
    fc.tuple(...Array.from({ length: count }, () => broadcastable(to))),
  );
}

/** A float attribute, of few digits. */
export function float(lowest: number, highest: number): fc.Arbitrary<{ float: number }> {
  return number(lowest, highest).map((value) => ({ float: value }));
}

/** A number in twentieths: short in a message. */
export function number(lowest: number, highest: number): fc.Arbitrary<number> {
  return fc.integer({ min: Math.ceil(lowest * 20), max: Math.floor(highest * 20) }).map((n) => n / 20);
}

/** Attributes of which each is left out at times. */
export function attributes(
  each: Readonly<Record<string, fc.Arbitrary<AttributeValue>>>,
): fc.Arbitrary<Record<string, AttributeValue>> {
  const given = Object.entries(each).map(([name, value]) =>
    fc.option(value, { freq: 4 }).map((drawn) => (drawn === null ? {} : { [name]: drawn })),
  );
  return fc.tuple(...given).map((parts) => Object.assign({}, ...parts));
}

interface Values {
  between?: readonly [number, number];
  clearOf?: readonly number[];
  places?: number;
  gradient?: false;
}

/** A float input: an input of the network, or (`gradient: false`) a constant of the file. For the rest see `ExampleInput`. */
export function floats(of: Shape, values: Values = {}): ExampleInput {
  if (Object.keys(values).length === 0) return of;
  return { shape: of, between: [-1.8, 2.2], ...values };
}

/** A float input with values around zero, large ones, or such that exponentials of them overflow. */
export function wide(of: Shape, values: Values = {}): fc.Arbitrary<ExampleInput> {
  return fc
    .constantFrom(null, [-15, 15] as const, [-110, 110] as const)
    .map((between) => floats(of, { ...values, ...(between && { between }) }));
}

/** A constant int64 operand. */
export function ints(list: readonly number[]): ExampleInput {
  return { ints: list };
}

/** The input or nothing. Trailing nothings are cut off by `inputs`. */
export function optional<T>(input: fc.Arbitrary<T>): fc.Arbitrary<T | null> {
  return fc.option(input, { freq: 2 });
}

/** The inputs without the absent ones at the end, which a file does not write. */
export function inputs(...given: readonly ExampleInput[]): ExampleInput[] {
  const last = given.findLastIndex((input) => input !== null);
  return given.slice(0, last + 1);
}
