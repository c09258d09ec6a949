/** Operators that join tensors or pick parts of them. */
import fc from 'fast-check';
import {
  axis,
  broadcasting,
  type Draw,
  extent,
  type Form,
  type Forms,
  floats,
  inputs,
  ints,
  shape,
} from './draw.js';

/** Axes from the end came with opset 11 for these. */
function axisIn(opset: number, rank: number): fc.Arbitrary<number> {
  return opset < 11 ? fc.nat(rank - 1) : axis(rank);
}

const concat: Draw = (opset) =>
  shape(1, 4).chain((of) =>
    fc.tuple(axisIn(opset, of.length), fc.array(extent, { minLength: 1, maxLength: 4 })).map(
      ([at, extents]): Form => ({
        inputs: extents.map((n) => floats(of.with(at, n))),
        attributes: { axis: at },
      }),
    ),
  );

/** Parts of given sizes, or as equal as can be: before opset 18 those must be equal. */
const split: Draw = (opset) =>
  shape(1, 3).chain((of) =>
    fc
      .record({
        at: axisIn(opset, of.length),
        sizes: fc.array(extent, { minLength: 1, maxLength: 4 }),
        even: fc.boolean(),
        last: fc.nat(3),
      })
      .map(({ at, sizes, even, last }): Form => {
        const [each] = sizes as [number];
        const outputs = sizes.length;
        const total = sizes.reduce((a, b) => a + b);
        if (even && opset < 18)
          return { inputs: [floats(of.with(at, each * outputs))], attributes: { axis: at }, outputs };
        if (even) {
          // The last part is the shorter one, and not empty.
          const extent = each * outputs - Math.min(last, each - 1);
          return {
            inputs: [floats(of.with(at, extent))],
            attributes: { axis: at, num_outputs: outputs },
            outputs,
          };
        }
        const x = floats(of.with(at, total));
        if (opset < 13) return { inputs: [x], attributes: { axis: at, split: sizes }, outputs };
        return { inputs: [x, ints(sizes)], attributes: { axis: at }, outputs };
      }),
  );

const largest = 2147483647;

/** Bounds from either end, or far beyond: files write the extremes for "to the end". */
function bounds(extent: number, forward: boolean): fc.Arbitrary<[number, number]> {
  const from = fc.integer({ min: -extent, max: extent - 1 });
  const inside = fc.integer({ min: -extent, max: extent });
  const to = fc.oneof(
    { weight: 3, arbitrary: inside },
    fc.constantFrom(...(forward ? [largest, extent + 3] : [-largest, -extent - 3])),
  );
  return fc.tuple(from, to);
}

/** How many elements Python's slice(start, end, step) takes of so many. */
function taken(extent: number, start: number, end: number, step: number): number {
  const first = start < 0 ? start + extent : start;
  const beyond = end < 0 ? end + extent : end;
  const last = step > 0 ? Math.min(beyond, extent) : Math.max(beyond, -1);
  return Math.ceil((last - first) / step);
}

interface Cut {
  at: number;
  start: number;
  end: number;
  step: number;
}

function cut(of: readonly number[], at: number, steps: readonly number[]): fc.Arbitrary<Cut> {
  const extent = of.at(at)!;
  return fc
    .constantFrom(...steps)
    .chain((step) => bounds(extent, step > 0).map(([start, end]) => ({ at, start, end, step })))
    .filter(({ start, end, step }) => taken(extent, start, end, step) > 0);
}

const slice: Draw = (opset) =>
  shape(1, 4, fc.integer({ min: 2, max: 5 })).chain((of) =>
    fc
      .tuple(fc.subarray([...of.keys()], { minLength: 1 }), fc.boolean(), fc.boolean(), fc.boolean())
      .chain(([chosen, fromEnd, named, stepped]) => {
        const along = chosen.map((at) => (fromEnd && opset >= 11 ? at - of.length : at));
        const steps = stepped && opset >= 10 ? [1, 2, 3, -1, -2, -3] : [1];
        return fc.tuple(...along.map((at) => cut(of, at, steps))).map((cuts): Form => {
          // Without axes, the bounds are those of the first axes.
          const first = chosen.every((at, i) => at === i);
          const axes = named || !first ? cuts.map(({ at }) => at) : null;
          const starts = cuts.map(({ start }) => start);
          const ends = cuts.map(({ end }) => end);
          if (opset < 10)
            return { inputs: [floats(of)], attributes: { starts, ends, ...(axes && { axes }) } };
          const by = stepped ? ints(cuts.map(({ step }) => step)) : null;
          return { inputs: inputs(floats(of), ints(starts), ints(ends), axes && ints(axes), by) };
        });
      }),
  );

const gather: Draw = (opset) =>
  fc.tuple(shape(1, 3), shape(0, 2)).chain(([of, picks]) =>
    axisIn(opset, of.length).chain((at) => {
      const count = picks.reduce((a, b) => a * b, 1);
      const extent = of.at(at)!;
      const index = fc.integer({ min: opset < 11 ? 0 : -extent, max: extent - 1 });
      return fc
        .tuple(fc.array(index, { minLength: count, maxLength: count }), fc.boolean())
        .map(([list, explicit]): Form => {
          const indices = picks.length === 0 ? { ints: list[0]! } : { ints: list, shape: picks };
          return explicit || (at !== 0 && at !== -of.length)
            ? { inputs: [floats(of), indices], attributes: { axis: at } }
            : { inputs: [floats(of), indices] };
        });
    }),
  );

const tile: Draw = () =>
  shape(1, 4, fc.integer({ min: 1, max: 3 })).chain((of) =>
    fc
      .array(fc.integer({ min: 1, max: 3 }), { minLength: of.length, maxLength: of.length })
      .map((repeats) => ({ inputs: [floats(of), ints(repeats)] })),
  );

const where: Draw = () =>
  broadcasting(3, 3).chain(([condition, x, y]) => {
    const count = condition!.reduce((a, b) => a * b, 1);
    return fc
      .array(fc.constantFrom(0, 1), { minLength: count, maxLength: count })
      .map((bools) => ({ inputs: [{ bools, shape: condition! }, floats(x!), floats(y!)] }));
  });

export const selection: Forms = {
  Concat: concat,
  Split: split,
  Slice: slice,
  Gather: gather,
  Tile: tile,
  Where: where,
};
