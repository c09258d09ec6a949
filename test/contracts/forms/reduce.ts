/** Reductions: axes as an attribute or as an operand, absent, empty, from either end; with and without what is reduced. */
import fc from 'fast-check';
import { attributes, axes, type Draw, type Form, type Forms, floats, inputs, ints, shape } from './draw.js';

const bit = fc.constantFrom(0, 1);

/** @param operandSince the operator set in which the axes became an operand */
function reduction(operandSince: number, values: Parameters<typeof floats>[1] = {}): Draw {
  return (opset) =>
    shape(0, 4).chain((of) => {
      const x = floats(of, values);
      const along = fc.option(axes(of.length, 0), { freq: 4 });
      const keepdims = { keepdims: bit };
      if (opset < operandSince)
        return fc.tuple(along, attributes(keepdims)).map(
          ([list, given]): Form => ({
            inputs: [x],
            // An empty list cannot be told from none.
            attributes: {
              ...given,
              ...(list &&
                list.length > 0 && {
                  axes: opset < 11 ? list.map((at) => (at + of.length) % of.length) : list,
                }),
            },
          }),
        );
      return fc
        .tuple(along, attributes({ ...keepdims, noop_with_empty_axes: bit }))
        .map(([list, given]): Form => ({ inputs: inputs(x, list && ints(list)), attributes: given }));
    });
}

export const reduce: Forms = {
  ReduceSum: reduction(13),
  ReduceMean: reduction(18),
  ReduceProd: reduction(18),
  ReduceLogSum: reduction(18, { between: [0.5, 2] }),
  ReduceLogSumExp: reduction(18),
  ReduceMax: reduction(18),
  ReduceMin: reduction(18),
  ReduceL1: reduction(18, { clearOf: [0] }),
  // The third derivative at a norm r is of the order of 1 / r^2.
  ReduceL2: reduction(18, { between: [-2, -0.3] }),
  ReduceSumSquare: reduction(18),
};
