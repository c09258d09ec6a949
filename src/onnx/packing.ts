/** Types of less than a byte, packed from the low bits up (ONNX IR specification): 4 bits two to a byte, 2 bits four. */
import { DataType } from './model.js';

interface Packing {
  readonly bits: number;
  readonly signed: boolean;
}

const packings: ReadonlyMap<number, Packing> = new Map([
  [DataType.INT4, { bits: 4, signed: true }],
  [DataType.UINT4, { bits: 4, signed: false }],
  [DataType.FLOAT4E2M1, { bits: 4, signed: false }],
  [DataType.INT2, { bits: 2, signed: true }],
  [DataType.UINT2, { bits: 2, signed: false }],
]);

export function isPacked(dataType: number): boolean {
  return packings.has(dataType);
}

export function packedBits(dataType: number): number {
  return packings.get(dataType)!.bits;
}

/** One element per array entry: Int8Array of signed types, Uint8Array of the others. */
export function unpackCodes(packed: Uint8Array, dataType: number, count: number): Int8Array | Uint8Array {
  const { bits, signed } = packings.get(dataType)!;
  const perByte = 8 / bits;
  const codes = signed ? new Int8Array(count) : new Uint8Array(count);
  const mask = (1 << bits) - 1;
  for (let i = 0; i < count; i++) {
    const code = (packed[Math.floor(i / perByte)]! >> (bits * (i % perByte))) & mask;
    codes[i] = signed && code >> (bits - 1) ? code - (1 << bits) : code;
  }
  return codes;
}

/** The inverse; higher bits of a code are dropped, spare bits of the last byte are 0. */
export function packCodes(codes: ArrayLike<number>, dataType: number): Uint8Array {
  const { bits } = packings.get(dataType)!;
  const perByte = 8 / bits;
  const packed = new Uint8Array(Math.ceil(codes.length / perByte));
  const mask = (1 << bits) - 1;
  for (let i = 0; i < codes.length; i++) {
    packed[Math.floor(i / perByte)]! |= (codes[i]! & mask) << (bits * (i % perByte));
  }
  return packed;
}
