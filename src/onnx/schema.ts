/**
 * onnx.proto as a table: every message of ONNX 1.23 (IR version 14), field numbers and wire types after the ONNX IR
 * specification, field names after `model.ts`. Protobuf identifies a field by its number, so our names are free.
 *
 * A field is `number type[]? flags?`. Types: protobuf's, `int64` read as bigint, `integer` (an int64 read as a safe
 * number), or another message. `packed` is the wire form. `=` marks fields that are always present in `model.ts`.
 */
import protobuf from 'protobufjs/light.js';

const table = {
  Model: {
    irVersion: '1 integer =',
    opsetImport: '8 OperatorSet[] =',
    producerName: '2 string',
    producerVersion: '3 string',
    domain: '4 string',
    modelVersion: '5 int64',
    docString: '6 string',
    graph: '7 Graph',
    metadataProps: '14 Entry[] =',
    trainingInfo: '20 TrainingInfo[]',
    functions: '25 Function[] =',
    configurations: '26 DeviceConfiguration[]',
  },
  OperatorSet: { domain: '1 string =', version: '2 integer =' },
  Entry: { key: '1 string =', value: '2 string =' },
  Graph: {
    nodes: '1 Node[] =',
    name: '2 string =',
    initializers: '5 Tensor[] =',
    docString: '10 string',
    inputs: '11 ValueInfo[] =',
    outputs: '12 ValueInfo[] =',
    valueInfo: '13 ValueInfo[] =',
    quantizationAnnotations: '14 Annotation[]',
    sparseInitializers: '15 SparseTensor[]',
    metadataProps: '16 Entry[]',
  },
  Node: {
    inputs: '1 string[] =',
    outputs: '2 string[] =',
    name: '3 string =',
    opType: '4 string =',
    attributes: '5 Attribute[] =',
    docString: '6 string',
    domain: '7 string =',
    overload: '8 string',
    metadataProps: '9 Entry[]',
    deviceConfigurations: '10 NodeDeviceConfiguration[]',
  },
  Attribute: {
    name: '1 string =',
    f: '2 float',
    i: '3 int64',
    s: '4 bytes',
    t: '5 Tensor',
    g: '6 Graph',
    floats: '7 float[]',
    ints: '8 int64[]',
    strings: '9 bytes[]',
    tensors: '10 Tensor[]',
    graphs: '11 Graph[]',
    docString: '13 string',
    typeProto: '14 Type',
    typeProtos: '15 Type[]',
    type: '20 int32',
    refAttrName: '21 string',
    sparseTensor: '22 SparseTensor',
    sparseTensors: '23 SparseTensor[]',
  },
  Tensor: {
    dims: '1 integer[] =',
    dataType: '2 int32 =',
    segment: '3 Segment',
    floatData: '4 float[] packed',
    int32Data: '5 int32[] packed',
    stringData: '6 bytes[]',
    int64Data: '7 int64[] packed',
    name: '8 string =',
    rawData: '9 bytes',
    doubleData: '10 double[] packed',
    uint64Data: '11 uint64[] packed',
    docString: '12 string',
    externalData: '13 Entry[]',
    dataLocation: '14 int32',
    metadataProps: '16 Entry[]',
  },
  Segment: { begin: '1 int64', end: '2 int64' },
  SparseTensor: { values: '1 Tensor', indices: '2 Tensor', dims: '3 integer[] =' },
  ValueInfo: { name: '1 string =', type: '2 Type', docString: '3 string', metadataProps: '4 Entry[]' },
  Type: {
    tensorType: '1 TensorType',
    sequenceType: '4 SequenceType',
    mapType: '5 MapType',
    denotation: '6 string',
    opaqueType: '7 OpaqueType',
    sparseTensorType: '8 TensorType',
    optionalType: '9 SequenceType',
  },
  TensorType: { elemType: '1 int32 =', shape: '2 Shape' },
  SequenceType: { elemType: '1 Type' },
  MapType: { keyType: '1 int32', valueType: '2 Type' },
  OpaqueType: { domain: '1 string', name: '2 string' },
  Shape: { dims: '1 Dimension[] =' },
  Dimension: { value: '1 integer', param: '2 string', denotation: '3 string' },
  Function: {
    name: '1 string =',
    inputs: '4 string[] =',
    outputs: '5 string[] =',
    attributes: '6 string[] =',
    nodes: '7 Node[] =',
    docString: '8 string',
    opsetImport: '9 OperatorSet[] =',
    domain: '10 string =',
    attributeDefaults: '11 Attribute[] =',
    valueInfo: '12 ValueInfo[]',
    overload: '13 string',
    metadataProps: '14 Entry[]',
  },
  Annotation: { tensorName: '1 string', quantParameterTensorNames: '2 Entry[]' },
  TrainingInfo: {
    initialization: '1 Graph',
    algorithm: '2 Graph',
    initializationBindings: '3 Entry[]',
    updateBindings: '4 Entry[]',
  },
  DeviceConfiguration: { name: '1 string', numDevices: '2 int32', devices: '3 string[]' },
  NodeDeviceConfiguration: {
    configurationId: '1 string',
    shardingSpecs: '2 ShardingSpec[]',
    pipelineStage: '3 int32',
  },
  ShardingSpec: {
    tensorName: '1 string',
    devices: '2 int64[]',
    deviceGroups: '3 DeviceGroup[]',
    shardedDims: '4 ShardedDim[]',
  },
  DeviceGroup: { key: '1 int64', values: '2 int64[]' },
  ShardedDim: { axis: '1 int64', simpleShardings: '2 SimpleSharding[]' },
  SimpleSharding: { dimValue: '1 int64', dimParam: '2 string', numShards: '3 int64' },
} satisfies Record<string, Record<string, string>>;

export interface Field {
  readonly name: string;
  readonly number: number;
  /** A protobuf scalar, `integer`, or a message name. */
  readonly type: string;
  readonly repeated: boolean;
  readonly packed: boolean;
  /** Always present in the plain form: '' or 0 or [] if the file leaves it out. */
  readonly present: boolean;
}

function parseField(name: string, text: string): Field {
  const [number, type, ...flags] = text.split(' ') as [string, string, ...string[]];
  return {
    name,
    number: Number(number),
    type: type.replace('[]', ''),
    repeated: type.endsWith('[]'),
    packed: flags.includes('packed'),
    present: flags.includes('='),
  };
}

/** The fields of every message. */
export const messages: Readonly<Record<string, readonly Field[]>> = Object.fromEntries(
  Object.entries(table).map(([message, fields]) => [
    message,
    Object.entries(fields).map(([name, text]) => parseField(name, text)),
  ]),
);

export function isMessage(type: string): boolean {
  return Object.hasOwn(messages, type);
}

function reflect(fields: readonly Field[]) {
  const entries = fields.map(({ name, number, type, repeated, packed }) => [
    name,
    {
      id: number,
      type: type === 'integer' ? 'int64' : type,
      ...(repeated && { rule: 'repeated', options: { packed } }),
    },
  ]);
  // proto2: a field that is present with its default value stays present.
  return { edition: 'proto2', fields: Object.fromEntries(entries) };
}

/** protobufjs's reflection of the table. */
export const modelType = protobuf.Root.fromJSON({
  nested: {
    onnx: {
      nested: Object.fromEntries(Object.entries(messages).map(([name, fields]) => [name, reflect(fields)])),
    },
  },
} as protobuf.INamespace).lookupType('onnx.Model');

/** A tensor alone, as the files with inputs and outputs of the conformance data hold it. */
export const tensorType = modelType.root.lookupType('onnx.Tensor');
