/** Integer types of ONNX in tfjs's int32: narrow ones wrap around where they overflow, as two's complement does. */
import * as tf from '@tensorflow/tfjs';
import { DataType } from '../onnx/model.js';

interface Width {
  readonly bits: number;
  readonly signed: boolean;
}

const narrow: ReadonlyMap<number, Width> = new Map([
  [DataType.INT8, { bits: 8, signed: true }],
  [DataType.UINT8, { bits: 8, signed: false }],
  [DataType.INT16, { bits: 16, signed: true }],
  [DataType.UINT16, { bits: 16, signed: false }],
  [DataType.INT4, { bits: 4, signed: true }],
  [DataType.UINT4, { bits: 4, signed: false }],
  [DataType.INT2, { bits: 2, signed: true }],
  [DataType.UINT2, { bits: 2, signed: false }],
]);

/** Bits of a type narrower than int32; undefined for others. */
export function narrowWidth(elementType: number | undefined): Width | undefined {
  return narrow.get(elementType ?? DataType.UNDEFINED);
}

/** Whether half of the type's values do not fit into int32. */
export function isWideUnsigned(elementType: number | undefined): boolean {
  return elementType === DataType.UINT32 || elementType === DataType.UINT64;
}

/** Smallest and largest value that is kept of a type: its own, or those of int32. */
export function integerRange(elementType: number | undefined): readonly [number, number] {
  if (isWideUnsigned(elementType)) return [0, 2 ** 31 - 1];
  const { bits, signed } = narrowWidth(elementType) ?? { bits: 32, signed: true };
  return signed ? [-(2 ** (bits - 1)), 2 ** (bits - 1) - 1] : [0, 2 ** bits - 1];
}

/** The low bits only. Tensors that are not int32, and types that are not narrow, stay as they are. */
export function wrapAround(x: tf.Tensor, elementType: number | undefined): tf.Tensor {
  const width = narrowWidth(elementType);
  if (!width || x.dtype !== 'int32') return x;
  const [size, shift] = [2 ** width.bits, width.signed ? 2 ** (width.bits - 1) : 0];
  return x.add(tf.scalar(shift, 'int32')).mod(tf.scalar(size, 'int32')).sub(tf.scalar(shift, 'int32'));
}
