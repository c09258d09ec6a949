/** Arithmetic with broadcasting. */
import fc from 'fast-check';
import { broadcasting, type Draw, type Form, type Forms, floats, shape } from './draw.js';

const shapes = () => broadcasting(2, 5, fc.integer({ min: 1, max: 3 }));

const binary: Draw = () => shapes().map(([a, b]) => ({ inputs: [floats(a!), floats(b!)] }));

const division: Draw = () =>
  fc.tuple(shapes(), fc.boolean()).map(([[a, b], negative]) => ({
    inputs: [floats(a!), floats(b!, { between: negative ? [-2, -0.5] : [0.5, 2] })],
  }));

/** A base below zero has powers for whole exponents only: of the file, float, or (since opset 12) an integer. */
const power: Draw = (opset) =>
  fc
    .record({
      shapes: broadcasting(2),
      kind: fc.constantFrom('any', 'any', 'whole', ...(opset < 12 ? [] : ['integer'])),
      exponent: fc.integer({ min: 1, max: 3 }),
    })
    .map(({ shapes: [base, power], kind, exponent }): Form => {
      if (kind === 'whole')
        return {
          inputs: [floats(base!), floats(power!, { between: [exponent, exponent], gradient: false })],
        };
      if (kind === 'integer') return { inputs: [floats(base!), { ints: exponent }] };
      return { inputs: [floats(base!, { between: [0.5, 2] }), floats(power!)] };
    });

/** Operands of one shape before opset 8. Rank 3 at most: the 64 values of each have places of their own, 0.005 from those of others. */
const variadic: Draw = (opset) =>
  fc.integer({ min: 1, max: 4 }).chain((count) => {
    const each =
      opset < 8 ? shape(0, 3).map((of) => Array<number[]>(count).fill(of)) : broadcasting(count, 3);
    return each.map((all) => ({
      inputs: all.map((of) => floats(of, { between: [-2, 2], places: 80 })),
    }));
  });

export const arithmetic: Forms = {
  Add: binary,
  Sub: binary,
  Mul: binary,
  Div: division,
  Pow: power,
  Sum: variadic,
  Mean: variadic,
  Min: variadic,
  Max: variadic,
};
