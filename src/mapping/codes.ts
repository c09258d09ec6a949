/**
 * Weights <-> integer codes, as ONNX's QuantizeLinear and DequantizeLinear relate them: w = scale * (code - zeroPoint).
 * Our own codes are symmetric: zero point 0 and codes -L..L with L = 2^(bits-1) - 1, so that both devices of a
 * differential pair have the same range; scale = max|w| / L (onnxruntime.quantization chooses int8 alike).
 */

import { TemperError } from '../errors.js';
import { elementOf } from '../lists/elementOf.js';
import { scaleIndex } from '../onnx/codes.js';
import { roundHalfEven } from '../onnx/floats.js';

/** Codes of a tensor in row-major order, with one scale, or one for each index along `axis`. */
export interface Codes {
  readonly codes: Int8Array;
  readonly scales: Float32Array;
  readonly bits: number;
  /** Absent: one scale for the whole tensor. */
  readonly axis?: number;
}

/** L, the largest code. */
export function largestCode(bits: number): number {
  return 2 ** (bits - 1) - 1;
}

/**
 * Symmetric codes of the nearest values, one scale per index along `axis` (the output channels) or one for all.
 * A channel of zeros gets the scale 1. Throws TemperError('model') if a weight is not finite.
 */
export function quantize(values: Float32Array, dims: readonly number[], bits: number, axis?: number): Codes {
  const largest = largestCode(bits);
  const index = scaleIndex(dims, axis);
  const largestOf = new Float32Array(axis === undefined ? 1 : elementOf(dims, axis, 'axis'));
  for (let i = 0; i < values.length; i++) {
    const size = Math.abs(values[i]!);
    if (!Number.isFinite(size))
      throw new TemperError('model', { what: `a weight is ${values[i]}: it has no code` });
    if (size > largestOf[index(i)]!) largestOf[index(i)] = size;
  }
  // A scale that underflows would make codes of nothing; so small a channel is zero for every purpose.
  const scales = largestOf.map((size) => (size / largest >= 2 ** -126 ? size / largest : 1));
  // Not `Int8Array.from`: with a function it makes a list of boxed numbers first, of at most 2^27.
  const codes = new Int8Array(values.length);
  for (let i = 0; i < codes.length; i++) {
    const code = roundHalfEven(values[i]! / scales[index(i)]!);
    codes[i] = Math.max(-largest, Math.min(largest, code));
  }
  return { codes, scales, bits, ...(axis !== undefined && { axis }) };
}

/** The weights that codes stand for, rounded to float32 as onnxruntime does. */
export function dequantize({ codes, scales, axis }: Codes, dims: readonly number[]): Float32Array {
  const index = scaleIndex(dims, axis);
  const values = new Float32Array(codes.length);
  for (let i = 0; i < values.length; i++) values[i] = codes[i]! * scales[index(i)]!;
  return values;
}
