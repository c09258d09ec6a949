/** Random inputs for a file, in the types that it asks for. */
import type { TensorSpec } from '../../src/compile/index.js';
import { type Dimensions, dimensionName, openExtents as extentsOf } from '../../src/import/dimensions.js';
import type { Network } from '../../src/network/network.js';
import { widen } from '../../src/onnx/floats.js';
import { DataType, type Model } from '../../src/onnx/model.js';
import { randomStream } from '../../src/random/stream.js';
import { bool, float32, type HostTensor, int32, int64 } from '../../src/runtime/host.js';

export interface Fed {
  /** As the network takes them. */
  specs: TensorSpec[];
  whole: Record<string, HostTensor>;
  /** As the file takes them, batch by batch. */
  parts: Record<string, HostTensor>[];
}

/** Extents other than the batch, left open by the file. */
const openExtent = 7;

export function openExtents(model: Model): Dimensions {
  const open = extentsOf(model);
  const batch = new Set(open.filter(({ axis }) => axis === 0).map(dimensionName));
  const names = open.map(dimensionName).filter((name) => !batch.has(name));
  return new Map(names.map((name) => [name, openExtent]));
}

/** @param fixed the file's own batch, of which `batch` is a multiple */
export function fedFor({ inputs }: Network, batch: number, fixed = batch): Fed {
  const fed: Fed = { specs: [], whole: {}, parts: Array.from({ length: batch / fixed }, () => ({})) };
  for (const { name, dtype, elementType, shape } of inputs) {
    const dims = shape.map((extent) => extent ?? batch);
    const values = valuesOf(name, dtype, dims, elementType);
    fed.specs.push({ name, dtype, shape: dims });
    fed.whole[name] =
      dtype === 'float32'
        ? float32(dims, values)
        : dtype === 'bool'
          ? bool(dims, Uint8Array.from(values))
          : int32(dims, Int32Array.from(values));
    const size = values.length / fed.parts.length;
    fed.parts.forEach((part, i) => {
      const own = shape.length === 0 ? values : values.slice(i * size, (i + 1) * size);
      part[name] = stored(
        elementType,
        shape.length === 0 ? [] : [dims[0]! / fed.parts.length, ...dims.slice(1)],
        own,
      );
    });
  }
  return fed;
}

/** Floats that float16 holds exactly; integers that are words of any vocabulary. */
function valuesOf(name: string, dtype: string, dims: readonly number[], elementType: number): Float32Array {
  const size = dims.reduce((product, extent) => product * extent, 1);
  const stream = randomStream('exporters', name);
  if (dtype !== 'float32')
    return Float32Array.from(stream.integers(size, dtype === 'bool' ? 2 : 3), (n) =>
      dtype === 'bool' ? n : n + 1,
    );
  const normals = stream.normals(size);
  return elementType === DataType.FLOAT || elementType === DataType.DOUBLE
    ? normals
    : normals.map((x) => Math.round(x * 16) / 16);
}

function stored(elementType: number, dims: readonly number[], values: Float32Array): HostTensor {
  switch (elementType) {
    case DataType.FLOAT:
      return float32(dims, values);
    case DataType.DOUBLE:
      return { type: 'float64', dims, data: Float64Array.from(values) };
    case DataType.FLOAT16:
      return { type: 'float16', dims, data: Uint16Array.from(values, halfBits) };
    case DataType.INT64:
      return int64(dims, Array.from(values));
    case DataType.INT32:
      return int32(dims, Int32Array.from(values));
    case DataType.BOOL:
      return bool(dims, Uint8Array.from(values));
    default:
      throw new Error(`no feeds of element type ${elementType}`);
  }
}

/** binary16 of a sixteenth: at most 11 bits of mantissa, normal. */
function halfBits(value: number): number {
  if (value === 0) return 0;
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  const mantissa = (Math.abs(value) / 2 ** exponent - 1) * 1024;
  return (value < 0 ? 0x8000 : 0) | ((exponent + 15) << 10) | mantissa;
}

export function numbers({ type, data }: HostTensor): number[] {
  if (type === 'float16') return Array.from(widen(data as Uint16Array, DataType.FLOAT16));
  return Array.from(data as ArrayLike<number | bigint>, Number);
}
