/** Constants of a program: values known while tracing, written out or one number throughout; they belong to no recorder. */
import { type ProgramType, sizeOf, type Value } from './kernel.js';

/** A constant of which every element is the same number; materialised only where it must be. */
export interface Splat extends Value {
  readonly splat: number;
}

let constantCount = 0;

/** It becomes an initializer of the recording that uses it. */
export function constantValue(
  values: Float32Array | Int32Array | Uint8Array,
  shape: readonly number[],
  dtype: ProgramType,
): Value {
  return { name: `constant_${++constantCount}`, shape, dtype, constant: values };
}

export function splatValue(number: number, shape: readonly number[], dtype: ProgramType): Splat {
  return { name: `splat_${++constantCount}`, shape, dtype, splat: number };
}

export function isSplat(value: Value | undefined): value is Splat {
  return value !== undefined && 'splat' in value;
}

/** The elements of a constant, splat or not; undefined for a value that is computed. */
export function constantElements(value: Value): Float32Array | Int32Array | Uint8Array | undefined {
  return isSplat(value) ? typedFill(value.splat, sizeOf(value.shape), value.dtype) : value.constant;
}

export function typedFill(
  number: number,
  size: number,
  dtype: ProgramType,
): Float32Array | Int32Array | Uint8Array {
  const array =
    dtype === 'float32'
      ? new Float32Array(size)
      : dtype === 'int32'
        ? new Int32Array(size)
        : new Uint8Array(size);
  return array.fill(number);
}
