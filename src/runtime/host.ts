/** Tensors in main memory, as onnxruntime takes and gives them: a type, a shape, a typed array in row-major order. */
import { TemperError } from '../errors.js';

interface ElementArrays {
  float32: Float32Array;
  float64: Float64Array;
  /** The bits of IEEE binary16: Float16Array does not exist in every supported version of Node. */
  float16: Uint16Array;
  int8: Int8Array;
  uint8: Uint8Array;
  int16: Int16Array;
  uint16: Uint16Array;
  int32: Int32Array;
  uint32: Uint32Array;
  int64: BigInt64Array;
  uint64: BigUint64Array;
  /** 0 or 1. */
  bool: Uint8Array;
}

export type ElementType = keyof ElementArrays;

export interface HostTensor {
  readonly type: ElementType;
  readonly dims: readonly number[];
  /** The array type that belongs to `type`; checked when the tensor is fed. */
  readonly data: ElementArrays[ElementType];
}

const arrays: { readonly [Type in ElementType]: new (length: number) => ElementArrays[Type] } = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  int8: Int8Array,
  uint8: Uint8Array,
  int16: Int16Array,
  uint16: Uint16Array,
  int32: Int32Array,
  uint32: Uint32Array,
  int64: BigInt64Array,
  uint64: BigUint64Array,
  bool: Uint8Array,
};

/** Whether this is an element type tensors can have here (strings and packed types are not). */
export function isElementType(type: string): type is ElementType {
  return Object.hasOwn(arrays, type);
}

/** Throws TemperError('usage') unless data has the array type and the length that type and dims ask for. */
export function checkHostTensor(name: string, { type, dims, data }: HostTensor): void {
  const count = dims.reduce((product, dim) => product * dim, 1);
  if (!(data instanceof arrays[type])) {
    throw new TemperError('usage', { what: `"${name}": ${type} values must be a ${arrays[type].name}` });
  }
  if (data.length !== count || dims.some((dim) => !Number.isSafeInteger(dim) || dim < 0)) {
    throw new TemperError('usage', {
      what: `"${name}": ${data.length} values for the shape [${dims.join(', ')}]`,
    });
  }
}

/** A float32 tensor; a Float32Array is used as it is, not copied. */
export function float32(dims: readonly number[], data: Float32Array | readonly number[]): HostTensor {
  return { type: 'float32', dims, data: data instanceof Float32Array ? data : Float32Array.from(data) };
}

/** An int32 tensor; an Int32Array is used as it is. */
export function int32(dims: readonly number[], data: Int32Array | readonly number[]): HostTensor {
  return { type: 'int32', dims, data: data instanceof Int32Array ? data : Int32Array.from(data) };
}

/** An int64 tensor; a BigInt64Array is used as it is. */
export function int64(
  dims: readonly number[],
  data: BigInt64Array | readonly (number | bigint)[],
): HostTensor {
  return {
    type: 'int64',
    dims,
    data: data instanceof BigInt64Array ? data : BigInt64Array.from(data, BigInt),
  };
}

/** A bool tensor; a Uint8Array of 0 and 1 is used as it is. */
export function bool(dims: readonly number[], data: Uint8Array | readonly boolean[]): HostTensor {
  return { type: 'bool', dims, data: data instanceof Uint8Array ? data : Uint8Array.from(data, Number) };
}

/** Row-major float32 values with one axis brought to the front; the others keep their order. */
export function axisFirst({ data, dims }: HostTensor, axis: number): Float32Array {
  const values = data as Float32Array;
  const size = (extents: readonly number[]) => extents.reduce((product, extent) => product * extent, 1);
  const [outer, inner] = [size(dims.slice(0, axis)), size(dims.slice(axis + 1))];
  if (outer === 1) return values;
  const count = dims[axis]!;
  const out = new Float32Array(values.length);
  for (let before = 0; before < outer; before++)
    for (let i = 0; i < count; i++) {
      const from = (before * count + i) * inner;
      out.set(values.subarray(from, from + inner), (i * outer + before) * inner);
    }
  return out;
}
