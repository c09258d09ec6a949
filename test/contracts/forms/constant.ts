/** Changes of type. Those to float16 and bfloat16 are left out: Temper computes in float32 and does not round to them. */
import fc from 'fast-check';
import { DataType } from '../../../src/onnx/model.js';
import { type Draw, type Forms, floats, shape } from './draw.js';

const cast: Draw = () =>
  fc.record({
    inputs: shape(0, 3).map((of) => [floats(of)]),
    attributes: fc.record({ to: fc.constantFrom(DataType.FLOAT, DataType.DOUBLE) }),
  });

export const constant: Forms = { Cast: cast };
