/**
 * Tensors as typed arrays and back, whichever field of the file holds the values (ONNX IR specification, TensorProto).
 * Raw data is little-endian, as are all platforms onnxruntime-node runs on.
 */
import { TemperError } from '../errors.js';
import { isNarrowFloat, narrow, widen } from './floats.js';
import { DataType, type Tensor } from './model.js';
import { isPacked, packCodes, packedBits, unpackCodes } from './packing.js';

export type TensorValues =
  | Float32Array
  | Float64Array
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array;

type ValuesConstructor = {
  new (buffer: ArrayBuffer, byteOffset?: number, length?: number): TensorValues;
  BYTES_PER_ELEMENT: number;
};

/** How the elements of each data type lie in memory. Packed and narrow float types: see packing.ts, floats.ts. */
const elements: ReadonlyMap<number, ValuesConstructor> = new Map<number, ValuesConstructor>([
  [DataType.FLOAT, Float32Array],
  [DataType.DOUBLE, Float64Array],
  [DataType.INT8, Int8Array],
  [DataType.UINT8, Uint8Array],
  [DataType.BOOL, Uint8Array],
  [DataType.INT16, Int16Array],
  [DataType.UINT16, Uint16Array],
  [DataType.INT32, Int32Array],
  [DataType.UINT32, Uint32Array],
  [DataType.INT64, BigInt64Array],
  [DataType.UINT64, BigUint64Array],
  [DataType.FLOAT16, Uint16Array],
  [DataType.BFLOAT16, Uint16Array],
  [DataType.FLOAT8E4M3FN, Uint8Array],
  [DataType.FLOAT8E4M3FNUZ, Uint8Array],
  [DataType.FLOAT8E5M2, Uint8Array],
  [DataType.FLOAT8E5M2FNUZ, Uint8Array],
]);

export function dataTypeName(dataType: number): string {
  return Object.entries(DataType).find(([, code]) => code === dataType)?.[0] ?? `data type ${dataType}`;
}

/** Number of elements of a tensor of these dimensions (1 for a scalar). Throws TemperError('model') for impossible ones. */
export function elementCount(dims: readonly number[]): number {
  const count = dims.reduce((product, dim) => product * dim, 1);
  if (dims.some((dim) => !(dim >= 0)) || !Number.isSafeInteger(count)) {
    throw new TemperError('model', { what: `impossible tensor dimensions [${dims.join(', ')}]` });
  }
  return count;
}

/** Bytes that raw data of this type and shape takes; undefined for types without such a form (strings, unknown ones). */
export function byteLength(dataType: number, dims: readonly number[]): number | undefined {
  if (isPacked(dataType)) return Math.ceil((elementCount(dims) * packedBits(dataType)) / 8);
  const type = elements.get(dataType);
  return type && elementCount(dims) * type.BYTES_PER_ELEMENT;
}

/**
 * The values of a tensor in row-major order, a fresh array. float16, bfloat16 and smaller floats are widened to float32;
 * int4 and int2 come as Int8Array, uint4, uint2 and bool as Uint8Array.
 * Throws TemperError('model') if there are no values, too few or too many, or of a type without numbers.
 */
export function tensorValues(tensor: Tensor): TensorValues {
  return readValues(tensor, rawCopy);
}

/**
 * What `tensorValues` gives, not to be written on: a view of the bytes that were read, where they lie as the processor wants
 * them. A model of 100 MB is imported without a second hundred.
 */
export function tensorView(tensor: Tensor): TensorValues {
  return readValues(tensor, rawView);
}

type RawReader = (raw: Uint8Array, type: ValuesConstructor) => TensorValues;

function readValues(tensor: Tensor, read: RawReader): TensorValues {
  const { dataType, dims } = tensor;
  const size = byteLength(dataType, dims);
  if (size === undefined)
    throw refusal(tensor, `values of type ${dataTypeName(dataType)} cannot be read as numbers`);
  const codes = tensor.rawData ? rawValues(tensor, size, read) : fieldValues(tensor);
  const values = isPacked(dataType) ? unpackCodes(codes as Uint8Array, dataType, elementCount(dims)) : codes;
  return isNarrowFloat(dataType) ? widen(values as Uint16Array, dataType) : values;
}

function rawValues(tensor: Tensor, size: number, read: RawReader): TensorValues {
  const raw = tensor.rawData!;
  if (raw.byteLength !== size) {
    const what = `${raw.byteLength} bytes of data where ${size} belong to ${describe(tensor)}`;
    throw refusal(tensor, what);
  }
  return isPacked(tensor.dataType) ? raw : read(raw, elements.get(tensor.dataType)!);
}

function rawCopy(raw: Uint8Array, type: ValuesConstructor): TensorValues {
  const copy = new Uint8Array(raw.byteLength);
  copy.set(raw);
  return new type(copy.buffer);
}

function rawView(raw: Uint8Array, type: ValuesConstructor): TensorValues {
  const { buffer, byteOffset, byteLength: size } = raw as Uint8Array<ArrayBuffer>;
  if (byteOffset % type.BYTES_PER_ELEMENT !== 0) return rawCopy(raw, type);
  return new type(buffer, byteOffset, size / type.BYTES_PER_ELEMENT);
}

/** The field other than rawData that holds elements of a type. */
function storageField(
  dataType: number,
): 'floatData' | 'doubleData' | 'int64Data' | 'uint64Data' | 'int32Data' {
  if (dataType === DataType.FLOAT) return 'floatData';
  if (dataType === DataType.DOUBLE) return 'doubleData';
  if (dataType === DataType.INT64) return 'int64Data';
  return dataType === DataType.UINT32 || dataType === DataType.UINT64 ? 'uint64Data' : 'int32Data';
}

function fieldValues(tensor: Tensor): TensorValues {
  const { dataType, dims } = tensor;
  const stored = tensor[storageField(dataType)] ?? [];
  const packed = isPacked(dataType);
  const count = packed ? byteLength(dataType, dims)! : elementCount(dims);
  if (stored.length !== count) {
    if (tensor.dataLocation === 1) throw refusal(tensor, 'values lie in an external file that was not read');
    throw refusal(tensor, `${stored.length} values where ${count} belong to ${describe(tensor)}`);
  }
  const wide = dataType === DataType.INT64 || dataType === DataType.UINT64;
  const type = packed ? Uint8Array : elements.get(dataType)!;
  const values = new type(new ArrayBuffer(count * type.BYTES_PER_ELEMENT));
  // Narrow unsigned types may have been written as negative int32: storing keeps the low bits, as the specification asks.
  for (let i = 0; i < count; i++) values[i] = wide ? stored[i]! : Number(stored[i]);
  return values;
}

function describe({ dataType, dims }: Tensor): string {
  return `${dataTypeName(dataType)}[${dims.join(', ')}]`;
}

function refusal(tensor: Tensor, what: string): TemperError {
  return new TemperError('model', { what, where: `tensor "${tensor.name}"` });
}

/** Raw bytes of the values in a type's own format: narrowed, packed or as they are. */
function rawBytes(tensor: Tensor, values: ArrayLike<number | bigint>): Uint8Array {
  const { dataType, dims } = tensor;
  const count = elementCount(dims);
  if (values.length !== count) throw refusal(tensor, `${values.length} values where ${count} belong`);
  if (isPacked(dataType)) return packCodes(values as ArrayLike<number>, dataType);
  const type = elements.get(dataType);
  const narrowed = dataType === DataType.FLOAT16 || dataType === DataType.BFLOAT16;
  if (!type || (isNarrowFloat(dataType) && !narrowed))
    throw refusal(tensor, `cannot write ${dataTypeName(dataType)}`);
  if (narrowed) return new Uint8Array(narrow(values as ArrayLike<number>, dataType).buffer);
  const array = new type(new ArrayBuffer(count * type.BYTES_PER_ELEMENT));
  // Of its own kind, at the speed of a copy. Which of the eight, the compiler cannot know.
  if (Object.getPrototypeOf(values) === type.prototype) {
    array.set(values as never);
    return new Uint8Array(array.buffer);
  }
  const wide = array instanceof BigInt64Array || array instanceof BigUint64Array;
  for (let i = 0; i < count; i++) array[i] = wide ? BigInt(values[i]!) : Number(values[i]);
  return new Uint8Array(array.buffer);
}

/**
 * A tensor that stores its values as raw data: numbers (float16 and bfloat16 rounded to nearest, integers wrapped to the
 * type, int4 and uint4 packed two to a byte), or bigints for 64-bit types. Throws TemperError('model') on a wrong count.
 */
export function makeTensor(
  name: string,
  dataType: number,
  dims: readonly number[],
  values: ArrayLike<number> | ArrayLike<bigint>,
): Tensor {
  const tensor: Tensor = { dims: [...dims], dataType, name };
  return { ...tensor, rawData: rawBytes(tensor, values) };
}

/** As `makeTensor` of values that lie as the type has them, but over them, not over a copy: neither is to be written on. */
export function tensorOver(
  name: string,
  dataType: number,
  dims: readonly number[],
  values: Float32Array | Int32Array | Uint8Array,
): Tensor {
  const tensor: Tensor = { dims: [...dims], dataType, name };
  const count = elementCount(dims);
  if (values.length !== count) throw refusal(tensor, `${values.length} values where ${count} belong`);
  return { ...tensor, rawData: new Uint8Array(values.buffer, values.byteOffset, values.byteLength) };
}

/** The tensor with other values: same name, type and dimensions, stored in the field that held them before. */
export function withValues(tensor: Tensor, values: ArrayLike<number> | ArrayLike<bigint>): Tensor {
  const { externalData: _, dataLocation: __, ...inline } = tensor;
  const field = storageField(tensor.dataType);
  const rawData = rawBytes(tensor, values);
  if (tensor.rawData || !tensor[field]) return { ...inline, rawData };
  const type = isPacked(tensor.dataType) ? Uint8Array : elements.get(tensor.dataType)!;
  const stored = new type(rawData.buffer as ArrayBuffer);
  const wide = field === 'int64Data' || field === 'uint64Data';
  return {
    ...inline,
    [field]: Array.from<number | bigint, number | bigint>(stored, (value) =>
      wide ? BigInt(value) : Number(value),
    ),
  };
}
