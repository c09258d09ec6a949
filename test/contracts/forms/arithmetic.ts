/** Arithmetic with broadcasting. */
import fc from 'fast-check';
import { broadcasting, type Draw, type Forms, floats, shape } from './draw.js';

const binary: Draw = () => broadcasting(2).map(([a, b]) => ({ inputs: [floats(a!), floats(b!)] }));

const division: Draw = () =>
  fc.tuple(broadcasting(2), fc.boolean()).map(([[a, b], negative]) => ({
    inputs: [floats(a!), floats(b!, { between: negative ? [-2, -0.5] : [0.5, 2] })],
  }));

const power: Draw = () =>
  broadcasting(2).map(([base, exponent]) => ({
    inputs: [floats(base!, { between: [0.5, 2] }), floats(exponent!)],
  }));

/** Operands of one shape before opset 8. Rank 3 at most: 100 places are enough for each to have values of its own. */
const variadic: Draw = (opset) =>
  fc.integer({ min: 1, max: 4 }).chain((count) => {
    const shapes =
      opset < 8 ? shape(0, 3).map((of) => Array<number[]>(count).fill(of)) : broadcasting(count, 3);
    return shapes.map((all) => ({
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
