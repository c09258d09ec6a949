/** Elementwise functions of one operand. */
import fc from 'fast-check';
import { type Draw, type Forms, floats, shape, wide } from './draw.js';

const anywhere: Draw = () => shape(0, 4).map((of) => ({ inputs: [floats(of)] }));
const positive: Draw = () => shape(0, 4).map((of) => ({ inputs: [floats(of, { between: [0.5, 2.5] })] }));
const kinkAtZero: Draw = () => shape(0, 4).map((of) => ({ inputs: [floats(of, { clearOf: [0] })] }));

/** Where inverse functions are defined, and steep nowhere. */
const within: Draw = () => shape(0, 4).map((of) => ({ inputs: [floats(of, { between: [-0.8, 0.8] })] }));
const aboveOne: Draw = () => shape(0, 4).map((of) => ({ inputs: [floats(of, { between: [1.3, 3] })] }));

export const unary: Forms = {
  Neg: anywhere,
  Abs: kinkAtZero,
  Sqrt: positive,
  Exp: anywhere,
  Log: positive,
  Reciprocal: positive,
  Erf: () => shape(0, 4).chain((of) => fc.tuple(wide(of)).map((inputs) => ({ inputs }))),
  Sin: anywhere,
  Cos: anywhere,
  Tan: within,
  Asin: within,
  Acos: within,
  Atan: anywhere,
  Sinh: anywhere,
  Cosh: anywhere,
  Asinh: anywhere,
  Acosh: aboveOne,
  Atanh: within,
};
