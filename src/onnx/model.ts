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
  FLOAT6E2M3: 27,
  FLOAT6E3M2: 28,
} as const;

/** Parts of the file that Temper has no name for: complete protobuf fields (tag and value), written back as they came. */
export interface Extensible {
  unknownFields?: Uint8Array[];
  /** String fields that the file writes though they are empty (exporters differ); the same bytes come out again. */
  emptyFields?: string[];
}

export interface Model extends Extensible {
  irVersion: number;
  opsetImport: OperatorSet[];
  producerName?: string;
  producerVersion?: string;
  domain?: string;
  /** bigint: some exporters write the extremes of int64. */
  modelVersion?: bigint;
  docString?: string;
  graph: Graph;
  metadataProps: MetadataEntry[];
  functions: LocalFunction[];
  trainingInfo?: TrainingInfo[];
  configurations?: DeviceConfiguration[];
}

export interface OperatorSet extends Extensible {
  /** '' is the default ONNX domain. */
  domain: string;
  version: number;
}

/** onnx.StringStringEntryProto: metadata, external data, bindings, quantization parameters. */
export interface MetadataEntry extends Extensible {
  key: string;
  value: string;
}

export interface Graph extends Extensible {
  name: string;
  nodes: Node[];
  initializers: Tensor[];
  inputs: ValueInfo[];
  outputs: ValueInfo[];
  valueInfo: ValueInfo[];
  sparseInitializers?: SparseTensor[];
  quantizationAnnotations?: QuantizationAnnotation[];
  metadataProps?: MetadataEntry[];
  docString?: string;
}

export interface Node extends Extensible {
  /** May be empty: ONNX does not require node names. */
  name: string;
  opType: string;
  domain: string;
  /** '' stands for an optional input left out. */
  inputs: string[];
  outputs: string[];
  attributes: Attribute[];
  /** Tells apart model-local functions of one name. */
  overload?: string;
  metadataProps?: MetadataEntry[];
  deviceConfigurations?: NodeDeviceConfiguration[];
  docString?: string;
}

/** Exactly one of the value fields is meaningful, told by which is present. int64 attributes are bigint. */
export interface Attribute extends Extensible {
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
  sparseTensor?: SparseTensor;
  sparseTensors?: SparseTensor[];
  typeProto?: ValueType;
  typeProtos?: ValueType[];
  refAttrName?: string;
  docString?: string;
}

/** A tensor as stored; `tensorValues()` decodes it, whichever field holds the values. */
export interface Tensor extends Extensible {
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
  segment?: Segment;
  metadataProps?: MetadataEntry[];
  docString?: string;
}

/** The part of a larger tensor that is stored here. */
export interface Segment extends Extensible {
  begin?: bigint;
  end?: bigint;
}

export interface SparseTensor extends Extensible {
  values?: Tensor;
  indices?: Tensor;
  dims: number[];
}

export interface ValueInfo extends Extensible {
  name: string;
  /** Absent for anything that is not a dense tensor (sequences, optionals, maps). */
  tensorType?: TensorType;
  /** The rest of the type, where a dense tensor type does not say it all. */
  otherType?: ValueType;
  metadataProps?: MetadataEntry[];
  docString?: string;
}

export interface TensorType extends Extensible {
  elemType: number;
  /** Absent if even the rank is unknown. A number is fixed, a string is a symbol, undefined is unknown. */
  shape?: (number | string | undefined)[];
  /** Denotations (`DATA_BATCH`, ...) of the dimensions, by position, if any has one. */
  dimDenotations?: (string | undefined)[];
  shapeUnknownFields?: { shape?: Uint8Array[] | undefined; dims: (Uint8Array[] | undefined)[] };
}

/** onnx.TypeProto; at most one of the `...Type` fields is present. */
export interface ValueType extends Extensible {
  tensorType?: TensorType;
  sequenceType?: { elemType?: ValueType } & Extensible;
  mapType?: { keyType?: number; valueType?: ValueType } & Extensible;
  optionalType?: { elemType?: ValueType } & Extensible;
  sparseTensorType?: TensorType;
  opaqueType?: { domain?: string; name?: string } & Extensible;
  denotation?: string;
}

/** A model-local function (onnx.FunctionProto). */
export interface LocalFunction extends Extensible {
  name: string;
  domain: string;
  inputs: string[];
  outputs: string[];
  attributes: string[];
  attributeDefaults: Attribute[];
  nodes: Node[];
  opsetImport: OperatorSet[];
  docString?: string;
  overload?: string;
  valueInfo?: ValueInfo[];
  metadataProps?: MetadataEntry[];
}

export interface QuantizationAnnotation extends Extensible {
  tensorName?: string;
  quantParameterTensorNames?: MetadataEntry[];
}

export interface TrainingInfo extends Extensible {
  initialization?: Graph;
  algorithm?: Graph;
  initializationBindings?: MetadataEntry[];
  updateBindings?: MetadataEntry[];
}

/** Multi-device annotations (ONNX IR version 11 and later), carried through untouched. */
export interface DeviceConfiguration extends Extensible {
  name?: string;
  numDevices?: number;
  devices?: string[];
}

export interface NodeDeviceConfiguration extends Extensible {
  configurationId?: string;
  shardingSpecs?: ShardingSpec[];
  pipelineStage?: number;
}

export interface ShardingSpec extends Extensible {
  tensorName?: string;
  devices?: bigint[];
  deviceGroups?: ({ key?: bigint; values?: bigint[] } & Extensible)[];
  shardedDims?: ShardedDim[];
}

export interface ShardedDim extends Extensible {
  axis?: bigint;
  simpleShardings?: ({ dimValue?: bigint; dimParam?: string; numShards?: bigint } & Extensible)[];
}
