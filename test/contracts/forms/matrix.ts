/** Gemm and MatMul. */
import fc from 'fast-check';
import {
  attributes,
  broadcastable,
  broadcasting,
  type Draw,
  extent,
  type Forms,
  float,
  floats,
  inputs,
  optional,
} from './draw.js';

const bit = fc.constantFrom(0, 1);

const gemm: Draw = (opset) =>
  fc
    .record({
      rows: extent,
      inner: extent,
      columns: extent,
      given: attributes({ alpha: float(-2, 2), beta: float(-2, 2), transA: bit, transB: bit }),
    })
    .chain(({ rows, inner, columns, given }) => {
      const turned = ([a, b]: [number, number], turn: unknown) => (turn === 1 ? [b, a] : [a, b]);
      const a = floats(turned([rows, inner], given.transA));
      const b = floats(turned([inner, columns], given.transB));
      const c = broadcastable([rows, columns]).map((of) => floats(of));
      // Before opset 11 C is required.
      return (opset < 11 ? c : optional(c)).map((c) => ({ inputs: inputs(a, b, c), attributes: given }));
    });

/** Stacks of matrices that broadcast with one another; a vector on either side. */
const matMul: Draw = () =>
  fc
    .record({
      stacks: broadcasting(2, 2),
      rows: extent,
      inner: extent,
      columns: extent,
      vectors: fc.constantFrom('none', 'none', 'left', 'right', 'both'),
    })
    .map(({ stacks: [left, right], rows, inner, columns, vectors }) => ({
      inputs: [
        vectors === 'left' || vectors === 'both' ? [inner] : [...left!, rows, inner],
        vectors === 'right' || vectors === 'both' ? [inner] : [...right!, inner, columns],
      ],
    }));

export const matrix: Forms = { Gemm: gemm, MatMul: matMul };
