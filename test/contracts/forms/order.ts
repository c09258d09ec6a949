/** Orders and running totals along any axis; triangles, mirrored sequences, determinants. */
import fc from 'fast-check';
import {
  attributes,
  axis,
  type Draw,
  type Form,
  type Forms,
  floats,
  inputs,
  optional,
  shape,
} from './draw.js';

const bit = fc.constantFrom(0, 1);

const topK: Draw = (opset) =>
  shape(1, 4).chain((of) =>
    (opset < 11 ? fc.nat(of.length - 1) : axis(of.length)).chain((at) =>
      fc
        .tuple(fc.integer({ min: 1, max: of.at(at)! }), attributes(opset >= 11 ? { largest: bit } : {}))
        .map(([k, given]): Form => {
          // Both outputs are required.
          const outputs = 2;
          if (opset < 10) return { inputs: [floats(of)], attributes: { axis: at, k }, outputs };
          return { inputs: [floats(of), { ints: [k] }], attributes: { ...given, axis: at }, outputs };
        }),
    ),
  );

const cumulative: Draw = () =>
  shape(1, 4).chain((of) =>
    fc
      .tuple(axis(of.length), attributes({ exclusive: bit, reverse: bit }))
      .map(([at, given]): Form => ({ inputs: [floats(of), { ints: at }], attributes: given })),
  );

const trilu: Draw = () =>
  fc.tuple(shape(2, 4), optional(fc.integer({ min: -5, max: 5 })), attributes({ upper: bit })).map(
    ([of, k, given]): Form => ({
      inputs: inputs(floats(of), k === null ? null : { ints: k }),
      attributes: given,
    }),
  );

const reverseSequence: Draw = () =>
  fc.tuple(shape(2, 4), fc.constantFrom(0, 1)).chain(([of, batch]) =>
    fc
      .array(fc.integer({ min: 1, max: of[1 - batch]! }), { minLength: of[batch]!, maxLength: of[batch]! })
      .map(
        (lengths): Form => ({
          inputs: [floats(of), { ints: lengths }],
          attributes: { batch_axis: batch, time_axis: 1 - batch },
        }),
      ),
  );

const det: Draw = () =>
  fc
    .tuple(shape(0, 2), fc.integer({ min: 1, max: 4 }))
    .map(([batch, n]): Form => ({ inputs: [floats([...batch, n, n])] }));

export const order: Forms = {
  TopK: topK,
  CumSum: cumulative,
  CumProd: cumulative,
  Trilu: trilu,
  ReverseSequence: reverseSequence,
  Det: det,
};
