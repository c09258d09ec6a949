/** Changes of type. Those to float16 and bfloat16 are left out: they round, so that differences are no slopes. */
import fc from 'fast-check';
import { DataType } from '../../../src/onnx/model.js';
import { type Draw, type Forms, floats, shape } from './draw.js';

const cast: Draw = () =>
  fc.record({
    inputs: shape(0, 3).map((of) => [floats(of)]),
    attributes: fc.record({ to: fc.constantFrom(DataType.FLOAT, DataType.DOUBLE) }),
  });

const castLike: Draw = () =>
  fc.record({
    inputs: fc
      .tuple(shape(0, 3), shape(0, 2))
      .map(([of, like]) => [floats(of), floats(like, { between: [0, 1], gradient: false })]),
  });

export const casts: Forms = { Cast: cast, CastLike: castLike };
