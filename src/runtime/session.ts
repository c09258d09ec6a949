/** onnxruntime-node, wrapped. To be written: see docs. */
export type ElementType =
  | 'float32' | 'float64' | 'float16' | 'int8' | 'uint8' | 'int16' | 'uint16' | 'int32' | 'uint32' | 'int64' | 'uint64' | 'bool' | 'int4' | 'uint4' | 'string';
