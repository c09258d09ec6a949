/** Quantizers. Codes are constants here: test/network/codes.test.ts lets them flow. */
import fc from 'fast-check';
import { DataType } from '../../../src/onnx/model.js';
import type { ExampleInput } from '../example.js';
import { axis, type Draw, type Form, type Forms, floats, inputs, shape } from './draw.js';

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

/** The gradient stops where codes saturate; with a scale of this many, the half code beyond the end that rounds back to it lies between. */
const step = 0.1123;
const ranges = { int8: [-128, 127], uint8: [0, 255] } as const;

/** One zero point for all, in the middle or at an end of the range: then half of the values saturate, and none is near the end. */
const saturating = (type: Byte, given: boolean) =>
  fc.constantFrom(0, 0.5, 1).map((place) => {
    const [low, high] = ranges[type];
    const zero = given ? Math.round(low + place * (high - low)) : 0;
    const clearOf = [0, 0.25, 0.5].flatMap((beyond) => [low - zero - beyond, high - zero + beyond]);
    return {
      values: { clearOf: clearOf.map((code) => code * step) },
      scale: floats([], { between: [step, step] }),
      zero: given ? { bytes: type, shape: [], codes: [zero] } : null,
    };
  });

/** Zero points in the middle of the range: nothing saturates. Those of uint8 that are not given are zero. */
function within(type: Byte, given: boolean, each: Shape) {
  const middle = type === 'int8' ? 0 : 128;
  const count = each.reduce((a, b) => a * b, 1);
  const zeros = [...Array(count).keys()].map((i) => middle + ((7 * i) % 31) - 15);
  return {
    values: given ? {} : { between: [0.2, 2] as const },
    scale: scales(each),
    zero: given ? { bytes: type, shape: each, codes: zeros } : null,
  };
}

const quantize: Draw = (opset) =>
  fc
    .tuple(granular(opset), byte, fc.constantFrom('given', 'absent', ...(opset >= 21 ? ['wide'] : [])))
    .chain(([{ of, each, attributes }, type, kind]): fc.Arbitrary<Form> => {
      if (kind === 'wide')
        return fc.constant({
          inputs: [floats(of), scales(each)],
          attributes: { ...attributes, output_dtype: DataType.INT16 },
        });
      const given = kind === 'given';
      const actual = given ? type : 'uint8';
      const drawn = each.length === 0 ? saturating(actual, given) : fc.constant(within(actual, given, each));
      return drawn.map(({ values, scale, zero }) => ({
        inputs: inputs(floats(of, values), scale, zero),
        attributes,
      }));
    });

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
