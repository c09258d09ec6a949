/** Gathers by element and by tuple, scatters with every reduction, and choices by truth values. Indices count from either end. */
import fc from 'fast-check';
import type { ExampleInput } from '../example.js';
import { attributes, axis, type Draw, extent, type Form, type Forms, floats, shape } from './draw.js';

function size(of: readonly number[]): number {
  return of.reduce((product, n) => product * n, 1);
}

/** Indices in the given ranges, one range for each. */
function indices(extents: readonly number[], of: readonly number[]): fc.Arbitrary<ExampleInput> {
  return fc
    .tuple(...extents.map((n) => fc.integer({ min: -n, max: n - 1 })))
    .map((list) => ({ ints: list, shape: of }));
}

/** The shape of indices along an axis: as many as one likes, and along others no more than there are elements. */
function elementShape(of: readonly number[], at: number): fc.Arbitrary<number[]> {
  return fc.tuple(
    ...of.map((n, i) => (i === (at + of.length) % of.length ? extent : fc.integer({ min: 1, max: n }))),
  );
}

const gatherElements: Draw = () =>
  shape(1, 4).chain((of) =>
    axis(of.length).chain((at) =>
      elementShape(of, at).chain((picks) =>
        indices(Array(size(picks)).fill(of.at(at)!), picks).map(
          (places): Form => ({ inputs: [floats(of), places], attributes: { axis: at } }),
        ),
      ),
    ),
  );

const tensorScatter: Draw = () =>
  fc
    .record({
      of: shape(2, 4),
      at: fc.nat(),
      circular: fc.boolean(),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
      firsts: fc.option(fc.array(fc.nat(20), { minLength: 8, maxLength: 8 }), { nil: undefined }),
    })
    .map(({ of, at, circular, share, firsts }): Form => {
      const along = 1 + (at % (of.length - 1));
      const steps = Math.max(1, Math.round(share * of[along]!));
      const room = circular ? of[along]! : of[along]! - steps + 1;
      const places = Array.from({ length: of[0]! }, (_, example) => (firsts?.[example % 8] ?? 0) % room);
      const update = floats(of.map((n, i) => (i === along ? steps : n)));
      return {
        inputs: firsts ? [floats(of), update, { ints: places }] : [floats(of), update],
        attributes: { axis: along - (at % 2 === 0 ? of.length : 0), mode: circular ? 'circular' : 'linear' },
      };
    });

/** The reductions of an operator set; without one, places must not repeat. */
function reductions(opset: number): fc.Arbitrary<string | undefined> {
  const later = opset >= 18 ? ['max', 'min'] : [];
  return fc.constantFrom(undefined, ...(opset >= 16 ? ['none', 'add', 'mul', ...later] : []));
}

/** Whether values are compared, so that none may be near another. */
const distinct = { places: 300 };

const scatterElements: Draw = (opset) =>
  fc.tuple(shape(1, 3), reductions(opset)).chain(([of, reduction]) =>
    axis(of.length).chain((at) => {
      const along = (at + of.length) % of.length;
      const unique = reduction === undefined || reduction === 'none';
      const limited = unique ? of.map((n) => fc.integer({ min: 1, max: n })) : undefined;
      return (limited ? fc.tuple(...limited) : elementShape(of, at)).chain((picks) => {
        const count = size(picks);
        // Each line along the axis has its own indices; without a reduction they are distinct.
        const lines = fc.tuple(
          ...[...Array(count / picks[along]!).keys()].map(() =>
            unique
              ? fc.shuffledSubarray([...Array(of[along]!).keys()], {
                  minLength: picks[along]!,
                  maxLength: picks[along]!,
                })
              : fc.array(fc.integer({ min: -of[along]!, max: of[along]! - 1 }), {
                  minLength: picks[along]!,
                  maxLength: picks[along]!,
                }),
          ),
        );
        return lines.map((each): Form => {
          const inner = size(picks.slice(along + 1));
          const list = [...Array(count).keys()].map((i) => {
            const line = Math.floor(i / (inner * picks[along]!)) * inner + (i % inner);
            return each[line]![Math.floor(i / inner) % picks[along]!]!;
          });
          return {
            inputs: [floats(of, distinct), { ints: list, shape: picks }, floats(picks, distinct)],
            attributes: { axis: at, ...(reduction && { reduction }) },
          };
        });
      });
    }),
  );

const gatherNd: Draw = (opset) =>
  shape(1, 4).chain((of) =>
    fc.nat(opset >= 12 ? of.length - 1 : 0).chain((batch) =>
      fc.tuple(fc.integer({ min: 1, max: of.length - batch }), shape(0, 2)).chain(([depth, picks]) => {
        const tuples = [...of.slice(0, batch), ...picks];
        const extents = [...Array(size(tuples)).keys()].flatMap(() => of.slice(batch, batch + depth));
        return indices(extents, [...tuples, depth]).map(
          (places): Form => ({
            inputs: [floats(of), places],
            ...(batch > 0 && { attributes: { batch_dims: batch } }),
          }),
        );
      }),
    ),
  );

const scatterNd: Draw = (opset) =>
  fc.tuple(shape(1, 3), reductions(opset)).chain(([of, reduction]) =>
    fc.tuple(fc.integer({ min: 1, max: of.length }), shape(1, 2)).chain(([depth, picks]) => {
      const extents = of.slice(0, depth);
      const places = size(extents);
      const unique = reduction === undefined || reduction === 'none';
      const tuples = unique ? [Math.min(size(picks), places)] : picks;
      const count = size(tuples);
      const flat = unique
        ? fc.shuffledSubarray([...Array(places).keys()], { minLength: count, maxLength: count })
        : fc.array(fc.nat(places - 1), { minLength: count, maxLength: count });
      return fc.tuple(flat, fc.boolean()).map(([list, fromEnd]): Form => {
        const ints = list.flatMap((place) =>
          extents.map((n, d) => {
            const index = Math.floor(place / size(extents.slice(d + 1))) % n;
            return fromEnd ? index - n : index;
          }),
        );
        return {
          inputs: [
            floats(of, distinct),
            { ints, shape: [...tuples, depth] },
            floats([...tuples, ...of.slice(depth)], distinct),
          ],
          ...(reduction && { attributes: { reduction } }),
        };
      });
    }),
  );

const compress: Draw = () =>
  shape(1, 4).chain((of) =>
    fc.option(axis(of.length), { freq: 3 }).chain((at) => {
      const most = at === null ? size(of) : of.at(at)!;
      return fc
        .array(fc.constantFrom(0, 1), { minLength: 1, maxLength: most })
        .filter((bools) => bools.includes(1))
        .map(
          (bools): Form => ({
            inputs: [floats(of), { bools }],
            ...(at !== null && { attributes: { axis: at } }),
          }),
        );
    }),
  );

const oneHot: Draw = () =>
  shape(1, 3).chain((of) =>
    fc.integer({ min: 1, max: 4 }).chain((depth) =>
      fc
        .tuple(
          fc.array(fc.integer({ min: -depth - 1, max: depth + 1 }), {
            minLength: size(of),
            maxLength: size(of),
          }),
          attributes({ axis: axis(of.length + 1) }),
        )
        .map(
          ([list, given]): Form => ({
            inputs: [{ ints: list, shape: of }, { ints: depth }, floats([2])],
            attributes: given,
          }),
        ),
    ),
  );

export const gathers: Forms = {
  GatherElements: gatherElements,
  GatherND: gatherNd,
  ScatterElements: scatterElements,
  TensorScatter: tensorScatter,
  Scatter: scatterElements,
  ScatterND: scatterNd,
  Compress: compress,
  OneHot: oneHot,
};
