/**
 * What the importer does not mean to understand, with the reason. Written before the suite was first run, and only shortened since; a case is out of
 * scope for what stands in its model, never for its name or its result.
 */

import { newestImported } from '../../src/import/opsets.js';
import { newestOpset } from '../../src/network/plan.js';
import { DataType, type Model, type Node } from '../../src/onnx/model.js';
import { dataTypeName } from '../../src/onnx/tensor.js';
import { isStandard, opsetVersion, walkNodes } from '../../src/onnx/walk.js';

const foreignTypes: ReadonlyMap<number, string> = new Map([
  [DataType.STRING, 'text is not computed with weights'],
  ...[
    DataType.FLOAT8E4M3FN,
    DataType.FLOAT8E4M3FNUZ,
    DataType.FLOAT8E5M2,
    DataType.FLOAT8E5M2FNUZ,
    DataType.FLOAT8E8M0,
    DataType.FLOAT4E2M1,
    DataType.FLOAT6E2M3,
    DataType.FLOAT6E3M2,
  ].map((type) => [type, 'floating-point types of 8 bits and fewer'] as const),
  ...[DataType.COMPLEX64, DataType.COMPLEX128].map((type) => [type, 'complex numbers'] as const),
]);

const random = 'its result is random: there is nothing to compare with';
const dataDependent = 'the extents of its result depend on the data, while a program has fixed shapes';
const text = 'text is not computed with weights';
const sequence = 'sequences and optionals';

const foreignOperators: Readonly<Record<string, string>> = {
  Bernoulli: random,
  Multinomial: random,
  RandomNormal: random,
  RandomNormalLike: random,
  RandomUniform: random,
  RandomUniformLike: random,
  Compress: dataDependent,
  NonMaxSuppression: dataDependent,
  NonZero: dataDependent,
  Unique: dataDependent,
  BitCast: 'values are kept as float32 and int32, so the bits of other types are not at hand',
  ImageDecoder: 'it reads picture files',
  RegexFullMatch: text,
  StringConcat: text,
  StringNormalizer: text,
  StringSplit: text,
  TfIdfVectorizer: text,
  ConcatFromSequence: sequence,
  Optional: sequence,
  OptionalGetElement: sequence,
  OptionalHasElement: sequence,
  SequenceAt: sequence,
  SequenceConstruct: sequence,
  SequenceEmpty: sequence,
  SequenceErase: sequence,
  SequenceInsert: sequence,
  SequenceLength: sequence,
  SequenceMap: sequence,
  SplitToSequence: sequence,
};

/** Why a case is out of scope; undefined if it is in scope. */
export function outOfScope(model: Model): string | undefined {
  const nodes = [
    ...[...walkNodes(model.graph)].map(({ node }) => node),
    ...model.functions.flatMap((f) => f.nodes),
  ];
  for (const node of nodes) {
    const reason = foreignNode(model, node);
    if (reason) return reason;
  }
  for (const { tensorType, otherType } of [...model.graph.inputs, ...model.graph.outputs]) {
    if (otherType) return sequence;
    const reason = tensorType && foreignTypes.get(tensorType.elemType);
    if (reason) return `${dataTypeName(tensorType.elemType)}: ${reason}`;
  }
  if (opsetVersion(model) > newestOpset)
    return `opset ${opsetVersion(model)}: newer than ${newestOpset}, while onnxruntime-node loads ${newestImported}`;
  return undefined;
}

function foreignNode(model: Model, node: Node): string | undefined {
  if (!isStandard(node) && !model.functions.some((f) => f.name === node.opType && f.domain === node.domain))
    return `operators of the domain ${node.domain}`;
  if (!isStandard(node)) return undefined;
  if (node.opType === 'Dropout' && node.inputs[2]) return `Dropout in training: ${random}`;
  const reason = Object.hasOwn(foreignOperators, node.opType) ? foreignOperators[node.opType] : undefined;
  return reason && `${node.opType}: ${reason}`;
}
