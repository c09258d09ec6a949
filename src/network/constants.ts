/** Stored tensors as tfjs keeps them: float32, int32 or bool. int64 saturates to int32, float64 is rounded to float32. */

import * as tf from '@tensorflow/tfjs';
import type { ProgramType } from '../compile/kernel.js';
import { int32 } from '../int32.js';
import { lookUp } from '../lists/lookUp.js';
import { DataType, type Tensor } from '../onnx/model.js';
import { tensorView } from '../onnx/tensor.js';

/** A constant of the graph, read once. */
export interface ConstantValue {
  readonly dtype: ProgramType;
  readonly shape: readonly number[];
  /** Row-major, not to be written on. */
  readonly values: Float32Array | Int32Array | Uint8Array;
  /** The type in the file (DataType). */
  readonly elementType: number;
  /** Whether some integers are not those of the file: beyond int32, and not merely "to the end". */
  readonly clamped?: true;
  /** What the integers of the file lie in, where that is more than int32, and what they are in float32. */
  readonly beyond?: { readonly range: readonly [low: number, high: number]; readonly floats: Float32Array };
}

const dtypes: ReadonlyMap<number, ProgramType> = new Map([
  ...([DataType.FLOAT, DataType.DOUBLE, DataType.FLOAT16, DataType.BFLOAT16] as const).map(
    (type) => [type, 'float32'] as const,
  ),
  ...(
    [
      DataType.INT8,
      DataType.UINT8,
      DataType.INT16,
      DataType.UINT16,
      DataType.INT32,
      DataType.UINT32,
      DataType.INT64,
      DataType.UINT64,
      DataType.INT4,
      DataType.UINT4,
      DataType.INT2,
      DataType.UINT2,
    ] as const
  ).map((type) => [type, 'int32'] as const),
  [DataType.BOOL, 'bool'] as const,
]);

/** The type in which an ONNX type is computed; undefined for strings, complex numbers and float8. */
export function dtypeOf(elementType: number): ProgramType | undefined {
  return dtypes.get(elementType);
}

/** The values of a tensor whose type `dtypeOf` knows; of most, a view of the file's bytes. */
export function constantTensor(tensor: Tensor): ConstantValue {
  const dtype = lookUp(dtypes, tensor.dataType, 'type');
  const stored = tensorView(tensor);
  const base = { dtype, shape: tensor.dims, elementType: tensor.dataType };
  if (dtype === 'float32')
    return {
      ...base,
      values: stored instanceof Float32Array ? stored : new Float32Array(stored as Float64Array),
    };
  if (dtype === 'bool') return { ...base, values: stored as Uint8Array };
  if (stored instanceof Int32Array) return { ...base, values: stored };
  const integers = stored as ArrayLike<number | bigint>;
  const values = new Int32Array(integers.length);
  let [low, high, clamped] = [0, 0, false];
  for (let i = 0; i < values.length; i++) {
    const value = Number(integers[i]);
    values[i] = Math.min(highest, Math.max(lowest, value));
    if (value < low) low = value;
    if (value > high) high = value;
    clamped ||= isClamped(value);
  }
  const beyond = low < lowest || high > highest;
  return {
    ...base,
    values,
    ...(beyond && { beyond: { range: [low, high] as const, floats: Float32Array.from(integers, Number) } }),
    ...(clamped && { clamped: true as const }),
  };
}

const { lowest, highest } = int32;
/** Exporters write the extremes of int64, or something near them, for "to the end". */
const end = 2 ** 62;

function isClamped(value: number): boolean {
  return (value > highest || value < lowest) && Math.abs(value) < end;
}

export function tensorOf({ values, shape, dtype }: ConstantValue): tf.Tensor {
  return tf.tensor(values as Float32Array, [...shape], dtype);
}
