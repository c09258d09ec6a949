/** Operators that give a tensor another shape, and those that pass on what is there. */
import fc from 'fast-check';
import {
  attributes,
  broadcastable,
  type Draw,
  type Form,
  type Forms,
  floats,
  inputs,
  ints,
  optional,
  permutation,
  shape as shapes,
} from './draw.js';

const identity: Draw = () => shapes(0, 4).map((of) => ({ inputs: [floats(of)] }));

/**
 * Before opset 12, the mask of inference is left out: ONNX does not say what it holds, and onnxruntime 1.30 fills it with
 * zeros, the ONNX reference implementation with ones, as newer operator sets ask.
 */
const dropout: Draw = (opset) =>
  fc
    .record({
      of: shapes(1, 3),
      ratio: optional(fc.constant(0.4)),
      training: fc.boolean(),
      outputs: fc.integer({ min: 1, max: 2 }),
    })
    .map(({ of, ratio, training, outputs }): Form => {
      if (opset < 12)
        return {
          inputs: [floats(of)],
          attributes: ratio === null ? {} : { ratio: { float: ratio } },
        };
      const scalar = ratio === null ? null : floats([], { between: [ratio, ratio], gradient: false });
      const off = training ? { bools: [0], shape: [] } : null;
      return { inputs: inputs(floats(of), scalar, off), outputs };
    });

const flatten: Draw = (opset) =>
  shapes(1, 4).chain((of) =>
    fc.record({
      inputs: fc.constant([floats(of)]),
      attributes: attributes({ axis: fc.integer({ min: opset < 11 ? 0 : -of.length, max: of.length }) }),
    }),
  );

/** The same elements in another shape: factors regrouped, an extent copied by 0, one left open by -1. */
const reshape: Draw = (opset) =>
  shapes(0, 4).chain((of) =>
    fc
      .record({
        order: permutation(of.length),
        joined: fc.array(fc.boolean(), { minLength: of.length, maxLength: of.length }),
        single: fc.boolean(),
        open: fc.option(fc.nat(4)),
        copy: fc.option(fc.nat(4)),
        given: attributes(opset >= 14 ? { allowzero: fc.constantFrom(0, 1) } : {}),
      })
      .map(({ order, joined, single, open, copy, given }): Form => {
        const factors = order.map((i) => of[i]!);
        const groups: number[] = [];
        factors.forEach((n, i) => {
          if (joined[i] && groups.length > 0) groups[groups.length - 1]! *= n;
          else groups.push(n);
        });
        if (single) groups.push(1);
        const asked = groups.map((n, i) => {
          if (i === open) return -1;
          return i === copy && n === of[i] && given.allowzero !== 1 ? 0 : n;
        });
        return { inputs: [floats(of), ints(asked)], attributes: given };
      }),
  );

/** The wanted shape may itself hold ones where the input has more. */
const expand: Draw = () =>
  shapes(0, 4).chain((to) =>
    fc
      .tuple(broadcastable(to), broadcastable(to))
      .map(([of, asked]) => ({ inputs: [floats(of), ints(asked)] })),
  );

const transpose: Draw = () =>
  shapes(0, 5, fc.integer({ min: 1, max: 3 })).chain((of) =>
    fc.record({
      inputs: fc.constant([floats(of)]),
      attributes: attributes(of.length > 0 ? { perm: permutation(of.length) } : {}),
    }),
  );

/** Ones put in at these axes of the longer shape. */
function withOnes(of: readonly number[], at: readonly number[], rank: number): number[] {
  const places = new Set(at.map((axis) => (axis + rank) % rank));
  const rest = [...of];
  return Array.from({ length: rank }, (_, i) => (places.has(i) ? 1 : rest.shift()!));
}

/** A shape, and axes at which ones would be put into it. */
const insertion = (opset: number) =>
  fc.tuple(shapes(0, 3), fc.integer({ min: 1, max: 3 })).chain(([of, count]) => {
    const rank = of.length + count;
    return fc
      .shuffledSubarray([...Array(rank).keys()], { minLength: count, maxLength: count })
      .chain((at) =>
        fc
          .boolean()
          .map((fromEnd) => ({ of, rank, at: fromEnd && opset >= 11 ? at.map((i) => i - rank) : at })),
      );
  });

const operandSince = 13;

const squeeze: Draw = (opset) =>
  fc.tuple(insertion(opset), fc.boolean()).map(([{ of, rank, at }, all]): Form => {
    const x = floats(withOnes(of, at, rank));
    if (all) return { inputs: [x] };
    return opset < operandSince ? { inputs: [x], attributes: { axes: at } } : { inputs: [x, ints(at)] };
  });

const unsqueeze: Draw = (opset) =>
  insertion(opset).map(
    ({ of, at }): Form =>
      opset < operandSince
        ? { inputs: [floats(of)], attributes: { axes: at } }
        : { inputs: [floats(of), ints(at)] },
  );

export const shape: Forms = {
  Identity: identity,
  Dropout: dropout,
  Flatten: flatten,
  Reshape: reshape,
  Expand: expand,
  Transpose: transpose,
  Squeeze: squeeze,
  Unsqueeze: unsqueeze,
};
