/**
 * QuantizeLinear and DequantizeLinear. Their gradient is that of the identity in place of rounding, within the range of
 * the codes: values keep clear of the end of the range and of the half code beyond it that rounds back to it.
 */
import fc from 'fast-check';
import type { ExampleInput } from '../../../src/network/operator.js';
import { DataType } from '../../../src/onnx/model.js';
import { axis, type Draw, type Form, type Forms, floats, inputs, shape } from './draw.js';

const ranges = { int8: [-128, 127], uint8: [0, 255] } as const;
type Bytes = keyof typeof ranges;

/**
 * Scales off the round numbers, so that no quotient lies midway between two codes. The third derivative of x / scale is
 * 6 / scale^2 of the first, which the differences see from scales below 0.1 on.
 */
const scale = fc.constantFrom(0.1017, 0.1123, 0.1331);

interface Code {
  bytes: Bytes;
  /** Of each code range, the place of the zero point: at times at an end, so that half of the values saturate. */
  zeros: number[];
  shape: number[];
  scales: readonly [number, number];
  axis?: number;
}

/** One scale and zero point for the tensor, or (since opset 13) one of each for every position along an axis. */
function code(of: readonly number[], opset: number): fc.Arbitrary<Code> {
  const bytes = fc.constantFrom<Bytes>('int8', 'uint8');
  const whole = fc.tuple(bytes, scale, fc.constantFrom(0, 0.5, 1)).map(([bytes, s, at]): Code => {
    const [low, high] = ranges[bytes];
    return { bytes, zeros: [Math.round(low + at * (high - low))], shape: [], scales: [s, s] };
  });
  if (opset < 13 || of.length === 0) return whole;
  const along = fc.tuple(bytes, axis(of.length)).chain(([bytes, at]) => {
    const extent = of.at(at)!;
    const zero = fc.integer({ min: bytes === 'int8' ? -40 : 80, max: bytes === 'int8' ? 40 : 160 });
    return fc
      .array(zero, { minLength: extent, maxLength: extent })
      .map((zeros): Code => ({ bytes, zeros, shape: [extent], scales: [0.1017, 0.1331], axis: at }));
  });
  return fc.oneof(whole, along);
}

function zeroPoint({ bytes, shape, zeros }: Code): ExampleInput {
  return { bytes, shape, codes: zeros };
}

/** The end of the range in values, and half a code on. */
function ends({ bytes, zeros, scales: [s], shape }: Code): number[] {
  if (shape.length > 0) return [];
  const [low, high] = ranges[bytes].map((end) => (end - zeros[0]!) * s) as [number, number];
  return [0, 0.25, 0.5].flatMap((codes) => [low - codes * s, high + codes * s]);
}

const quantize: Draw = (opset) =>
  shape(0, 3)
    .chain((of) => fc.tuple(fc.constant(of), code(of, opset), fc.boolean(), fc.boolean()))
    .map(([of, code, absent, typed]): Form => {
      // Without a zero point it is 0 of uint8, or of the type that the attribute gives.
      const type = opset >= 21 && typed ? code.bytes : 'uint8';
      const actual: Code = absent ? { ...code, bytes: type, zeros: code.zeros.map(() => 0) } : code;
      const x = floats(of, {
        clearOf: ends(actual),
        ...(actual.shape.length > 0 && absent && { between: [0.2, 2] }),
      });
      const given = {
        ...(code.axis !== undefined && { axis: code.axis }),
        ...(absent && type !== 'uint8' && { output_dtype: DataType.INT8 }),
      };
      const y = floats(code.shape, { between: code.scales });
      return { inputs: inputs(x, y, absent ? null : zeroPoint(code)), attributes: given };
    });

const dequantize: Draw = (opset) =>
  shape(0, 3)
    .chain((of) => fc.tuple(fc.constant(of), code(of, opset), fc.boolean()))
    .map(
      ([of, code, absent]): Form => ({
        inputs: inputs(
          { bytes: code.bytes, shape: of },
          floats(code.shape, { between: code.scales }),
          absent ? null : zeroPoint(code),
        ),
        ...(code.axis !== undefined && { attributes: { axis: code.axis } }),
      }),
    );

export const quantization: Forms = { QuantizeLinear: quantize, DequantizeLinear: dequantize };
