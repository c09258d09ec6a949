/** Quantizers. Codes are constants here: test/network/codes.test.ts lets them flow. */
import fc from 'fast-check';
import type { ExampleInput } from '../../../src/network/operator.js';
import { DataType } from '../../../src/onnx/model.js';
import { axis, type Draw, type Forms, floats, inputs, shape } from './draw.js';

type Shape = readonly number[];
type Byte = 'int8' | 'uint8';

export const byte = fc.constantFrom<Byte>('int8', 'uint8');

export function codes(type: Byte, of: Shape): ExampleInput {
  return { bytes: type, shape: of };
}

/**
 * Scales at which few codes saturate. The third derivative of x / scale is 6 / scale^2 of the first, which the differences see
 * from scales below 0.1 on.
 */
export function scales(of: Shape): ExampleInput {
  return floats(of, { between: [0.1017, 0.1331] });
}

/** A shape, and that of its scales: one for all, along an axis, in blocks. */
const granular = (opset: number) =>
  shape(1, 4).chain((of) =>
    axis(of.length).chain((along) => {
      const at = along < 0 ? along + of.length : along;
      const whole = fc.constant({ of, each: [] as Shape, attributes: {} });
      const single = fc.constant({ of, each: [of[at]!] as Shape, attributes: { axis: along } });
      const blocked = fc.integer({ min: 1, max: of[at]! }).map((size) => ({
        of,
        each: of.map((n, i) => (i === at ? Math.ceil(n / size) : n)) as Shape,
        attributes: { axis: along, block_size: size },
      }));
      return fc.oneof(whole, ...(opset >= 13 ? [single] : []), ...(opset >= 21 ? [blocked] : []));
    }),
  );

const quantize: Draw = (opset) =>
  fc.tuple(granular(opset), fc.option(byte)).map(([{ of, each, attributes }, type]) => ({
    inputs: inputs(floats(of), scales(each), type === null ? null : codes(type, each)),
    attributes: { ...attributes, ...(opset >= 21 && type === null && { output_dtype: DataType.INT16 }) },
  }));

const dequantize: Draw = (opset) =>
  fc.tuple(granular(opset), byte, fc.boolean()).map(([{ of, each, attributes }, type, shifted]) => ({
    inputs: inputs(codes(type, of), scales(each), shifted ? codes(type, each) : null),
    attributes,
  }));

const dynamic: Draw = () => shape(1, 3).map((of) => ({ inputs: [floats(of)], outputs: 3 }));

export const quantizers: Forms = {
  QuantizeLinear: quantize,
  DequantizeLinear: dequantize,
  DynamicQuantizeLinear: dynamic,
};
