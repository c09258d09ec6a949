/**
 * An ONNX file as plain data, one to one with onnx.proto (ONNX IR specification): faithful and total.
 * Nothing here judges; what Temper cannot use is refused later, by whoever cannot use it.
 * The decoder keeps fields it does not know, so that an untouched model encodes to the same content.
 */

/** onnx.TensorProto.DataType */
export const DataType = {
  UNDEFINED: 0,
  FLOAT: 1,
  UINT8: 2,
  INT8: 3,
  UINT16: 4,
  INT16: 5,
  INT32: 6,
  INT64: 7,
  STRING: 8,
  BOOL: 9,
  FLOAT16: 10,
  DOUBLE: 11,
  UINT32: 12,
  UINT64: 13,
  COMPLEX64: 14,
  COMPLEX128: 15,
  BFLOAT16: 16,
  FLOAT8E4M3FN: 17,
  FLOAT8E4M3FNUZ: 18,
  FLOAT8E5M2: 19,
  FLOAT8E5M2FNUZ: 20,
  UINT4: 21,
  INT4: 22,
  FLOAT4E2M1: 23,
  FLOAT8E8M0: 24,
  UINT2: 25,
  INT2: 26,
} as const;

export interface Model {
  irVersion: number;
  opsetImport: OperatorSet[];
  producerName?: string;
  producerVersion?: string;
  domain?: string;
  modelVersion?: number;
  docString?: string;
  graph: Graph;
  metadataProps: MetadataEntry[];
  functions: LocalFunction[];
}

export interface OperatorSet {
  /** '' is the default ONNX domain. */
  domain: string;
  version: number;
}

export interface MetadataEntry {
  key: string;
  value: string;
}

export interface Graph {
  name: string;
  nodes: Node[];
  initializers: Tensor[];
  inputs: ValueInfo[];
  outputs: ValueInfo[];
  valueInfo: ValueInfo[];
  docString?: string;
}

export interface Node {
  /** May be empty: ONNX does not require node names. */
  name: string;
  opType: string;
  domain: string;
  /** '' stands for an optional input left out. */
  inputs: string[];
  outputs: string[];
  attributes: Attribute[];
  docString?: string;
}

/** Exactly one of the value fields is meaningful, told by which is present. int64 attributes are bigint. */
export interface Attribute {
  name: string;
  type?: number;
  f?: number;
  i?: bigint;
  s?: Uint8Array;
  t?: Tensor;
  g?: Graph;
  floats?: number[];
  ints?: bigint[];
  strings?: Uint8Array[];
  tensors?: Tensor[];
  graphs?: Graph[];
  refAttrName?: string;
}

/** A tensor as stored; `tensorValues()` decodes it, whichever field holds the values. */
export interface Tensor {
  name: string;
  dataType: number;
  dims: number[];
  /** Little-endian values. Present in nearly every file; the typed fields below are the alternative. */
  rawData?: Uint8Array;
  floatData?: number[];
  int32Data?: number[];
  int64Data?: bigint[];
  uint64Data?: bigint[];
  doubleData?: number[];
  stringData?: Uint8Array[];
  externalData?: MetadataEntry[];
  /** 1 = the values lie in an external file (read by `readModel`). */
  dataLocation?: number;
  docString?: string;
}

export interface ValueInfo {
  name: string;
  /** Absent for anything that is not a dense tensor (sequences, optionals, maps). */
  tensorType?: TensorType;
  docString?: string;
}

export interface TensorType {
  elemType: number;
  /** Absent if even the rank is unknown. A number is fixed, a string is a symbol, undefined is unknown. */
  shape?: (number | string | undefined)[];
}

/** A model-local function (onnx.FunctionProto). */
export interface LocalFunction {
  name: string;
  domain: string;
  inputs: string[];
  outputs: string[];
  attributes: string[];
  attributeDefaults: Attribute[];
  nodes: Node[];
  opsetImport: OperatorSet[];
  docString?: string;
}
