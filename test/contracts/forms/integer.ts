/** Of the operators of integers, the remainder has a slope: that of floats. */
import fc from 'fast-check';
import { broadcasting, type Draw, type Forms, floats } from './draw.js';

/** Dividends and divisors whose quotient is far from a whole number. */
const mod: Draw = () =>
  fc
    .tuple(
      broadcasting(2, 3),
      fc.constantFrom(
        { a: [-0.6, 0.6], b: [0.8, 1.5] },
        { a: [2.2, 2.6], b: [0.95, 1.05] },
        { a: [-2.6, -2.2], b: [-1.05, -0.95] },
      ),
    )
    .map(([[a, b], ranges]) => ({
      inputs: [
        floats(a!, { between: ranges.a as [number, number] }),
        floats(b!, { between: ranges.b as [number, number] }),
      ],
      attributes: { fmod: 1 },
    }));

export const integer: Forms = { Mod: mod };
