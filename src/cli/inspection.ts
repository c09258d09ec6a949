/** What `temper inspect` says of a model, as plain data. */
import { type Problem, TemperError } from '../errors.js';
import { checkConvertible } from '../finetune/snn/convert.js';
import { checkTrainable } from '../finetune/untrained.js';
import { importModel } from '../import/importModel.js';
import { crossbarTensors } from '../mapping/crossbar.js';
import { unmappedLayers } from '../mapping/unmapped.js';
import type { Model, ValueInfo } from '../onnx/model.js';
import { dataTypeName, elementCount } from '../onnx/tensor.js';
import { metadata, walkNodes } from '../onnx/walk.js';
import { fedInputs } from './modelInput.js';

export interface ValueDescription {
  name: string;
  type: string;
  /** null where the file leaves the extent open; absent if even the rank is. */
  shape?: (number | string | null)[];
}

export interface CrossbarDescription {
  name: string;
  opType: string;
  dims: readonly number[];
  weights: number;
  largest: number;
  nodes: readonly string[];
  stored: string;
}

export interface Inspection {
  schema: 1;
  path: string;
  bytes: number;
  sha256: string;
  irVersion: number;
  opsets: Record<string, number>;
  producer: string;
  metadata: Record<string, string>;
  inputs: ValueDescription[];
  outputs: ValueDescription[];
  /** Nodes by operator, those of subgraphs included. */
  operators: Record<string, number>;
  /** Numbers in the file's float tensors: initializers, weights in Constant nodes, weights as codes. */
  parameters: number;
  crossbar: CrossbarDescription[];
  /** What keeps the model from being fine-tuned. */
  unsupported: readonly Problem[];
  /** What keeps it from being converted into a spiking network. */
  notSpiking: Problem[];
  /** Layers whose weights cannot be placed on a crossbar. */
  unmapped: Problem[];
}

export function inspectModel(
  model: Model,
  file: { path: string; bytes: number; sha256: string },
): Inspection {
  const operators = new Map<string, number>();
  for (const { node } of walkNodes(model.graph)) {
    const name =
      node.domain === '' || node.domain === 'ai.onnx' ? node.opType : `${node.domain}.${node.opType}`;
    operators.set(name, (operators.get(name) ?? 0) + 1);
  }
  const unsupported = trainingProblems(model);
  return {
    schema: 1,
    ...file,
    irVersion: model.irVersion,
    opsets: Object.fromEntries(
      model.opsetImport.map(({ domain, version }) => [domain || 'ai.onnx', version]),
    ),
    producer: [model.producerName, model.producerVersion].filter(Boolean).join(' '),
    metadata: Object.fromEntries(metadata(model)),
    inputs: fedInputs(model).map(describeValue),
    outputs: model.graph.outputs.map(describeValue),
    operators: Object.fromEntries([...operators].sort(([, a], [, b]) => b - a)),
    parameters: countParameters(model),
    crossbar: describeCrossbar(model),
    unsupported,
    notSpiking: unsupported.length > 0 ? [] : checkConvertible(model),
    unmapped: unmappedLayers(model),
  };
}

function trainingProblems(model: Model): readonly Problem[] {
  try {
    return checkTrainable(model, importModel(model).network);
  } catch (error) {
    if (error instanceof TemperError && error.kind === 'model') return error.problems;
    throw error;
  }
}

function describeValue({ name, tensorType }: ValueInfo): ValueDescription {
  if (!tensorType) return { name, type: 'not a tensor' };
  const { elemType, shape } = tensorType;
  return {
    name,
    type: dataTypeName(elemType),
    ...(shape && { shape: shape.map((extent) => extent ?? null) }),
  };
}

function countParameters(model: Model): number {
  const initializers = model.graph.initializers
    .filter(({ dataType }) => /FLOAT|DOUBLE/.test(dataTypeName(dataType)))
    .map(({ dims }) => elementCount(dims));
  const others = crossbarTensors(model)
    .filter(({ source }) => source !== 'initializer')
    .map(({ dims }) => elementCount([...dims]));
  return [...initializers, ...others].reduce((sum, count) => sum + count, 0);
}

function describeCrossbar(model: Model): CrossbarDescription[] {
  return crossbarTensors(model).map(({ name, opType, dims, nodes, source, codes, dataType, values }) => ({
    name,
    opType,
    dims,
    weights: elementCount([...dims]),
    largest: values().reduce((max, value) => Math.max(max, Math.abs(value)), 0),
    nodes,
    stored: codes
      ? `${codes.bits}-bit codes`
      : source === 'constant'
        ? 'Constant node'
        : dataTypeName(dataType),
  }));
}
