/**
 * Narrow floating-point formats <-> float32, by their bit layout (sign, exponent, mantissa):
 * IEEE 754 binary16, bfloat16, and the 8- and 4-bit formats of the ONNX IR specification (OCP FP8, MX).
 */
import { DataType } from './model.js';

interface FloatFormat {
  readonly exponentBits: number;
  readonly mantissaBits: number;
  readonly bias: number;
  /** What the special codes mean: IEEE (infinities and NaN), `fn` (only all ones is NaN), `uz` (only -0 is NaN), none. */
  readonly special: 'ieee' | 'fn' | 'uz' | 'none';
}

const formats: ReadonlyMap<number, FloatFormat> = new Map([
  [DataType.FLOAT16, { exponentBits: 5, mantissaBits: 10, bias: 15, special: 'ieee' }],
  [DataType.BFLOAT16, { exponentBits: 8, mantissaBits: 7, bias: 127, special: 'ieee' }],
  [DataType.FLOAT8E4M3FN, { exponentBits: 4, mantissaBits: 3, bias: 7, special: 'fn' }],
  [DataType.FLOAT8E4M3FNUZ, { exponentBits: 4, mantissaBits: 3, bias: 8, special: 'uz' }],
  [DataType.FLOAT8E5M2, { exponentBits: 5, mantissaBits: 2, bias: 15, special: 'ieee' }],
  [DataType.FLOAT8E5M2FNUZ, { exponentBits: 5, mantissaBits: 2, bias: 16, special: 'uz' }],
  [DataType.FLOAT4E2M1, { exponentBits: 2, mantissaBits: 1, bias: 1, special: 'none' }],
]);

/** Data types that `widen` reads. */
export function isNarrowFloat(dataType: number): boolean {
  return formats.has(dataType);
}

function decode(bits: number, { exponentBits, mantissaBits, bias, special }: FloatFormat): number {
  const sign = bits >> (exponentBits + mantissaBits) ? -1 : 1;
  const largest = 2 ** exponentBits - 1;
  const exponent = (bits >> mantissaBits) & largest;
  const mantissa = bits & (2 ** mantissaBits - 1);
  if (special === 'uz' && sign < 0 && exponent === 0 && mantissa === 0) return Number.NaN;
  if (special === 'fn' && exponent === largest && mantissa === 2 ** mantissaBits - 1) return Number.NaN;
  if (special === 'ieee' && exponent === largest)
    return mantissa ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  const fraction = mantissa / 2 ** mantissaBits;
  return sign * (exponent ? (1 + fraction) * 2 ** (exponent - bias) : fraction * 2 ** (1 - bias));
}

/** float32 values of the given codes; every value of these formats is a float32. */
export function widen(codes: ArrayLike<number>, dataType: number): Float32Array {
  const format = formats.get(dataType)!;
  const count = 2 ** (1 + format.exponentBits + format.mantissaBits);
  // A table pays off only for the larger tensors.
  if (codes.length < count) return Float32Array.from(codes, (bits) => decode(bits, format));
  const table = Float32Array.from({ length: count }, (_, bits) => decode(bits, format));
  const values = new Float32Array(codes.length);
  for (let i = 0; i < values.length; i++) values[i] = table[codes[i]!]!;
  return values;
}

/** The codes nearest to the values (ties to even); only for float16 and bfloat16. */
export function narrow(values: ArrayLike<number>, dataType: number): Uint16Array {
  const encode = dataType === DataType.FLOAT16 ? toFloat16 : toBfloat16;
  // Not `Uint16Array.from`: with a function it makes a list of boxed numbers first.
  const codes = new Uint16Array(values.length);
  for (let i = 0; i < codes.length; i++) codes[i] = encode(values[i]!);
  return codes;
}

const word = new DataView(new ArrayBuffer(4));

function floatBits(value: number): number {
  word.setFloat32(0, value);
  return word.getUint32(0);
}

function toBfloat16(value: number): number {
  const bits = floatBits(value);
  if (Number.isNaN(value)) return (bits >>> 16) | 0x40;
  // Round half to even: add just under half a unit, one more if the last kept bit is odd.
  return Math.floor((bits + 0x7fff + ((bits >>> 16) & 1)) / 0x10000) & 0xffff;
}

function toFloat16(value: number): number {
  const sign = floatBits(value) >>> 31 ? 0x8000 : 0;
  const size = Math.abs(value);
  if (Number.isNaN(value)) return 0x7e00;
  if (size >= 65520) return sign | 0x7c00;
  const exponent = Math.max(-14, Math.floor(Math.log2(size || 1)));
  const steps = roundHalfEven(size / 2 ** (exponent - 10));
  // Steps of 2^(exponent-10); a carry into the next binade gives the right code by itself, and so do subnormals.
  const subnormal = size < 2 ** -14;
  return sign | (subnormal ? steps : ((exponent + 15) << 10) + (steps - 1024));
}

/** Rounds to the nearest integer, halves to the even one. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest !== 0.5) return rest < 0.5 ? floor : floor + 1;
  return floor % 2 === 0 ? floor : floor + 1;
}
