/** What `temper inspect` says of a model, as plain data. */

import { type Problem, TemperError } from '../../errors.js';
import { foldBatchNorm } from '../../export/foldBatchNorm.js';
import { checkConvertible } from '../../finetune/snn/convert.js';
import { checkTrainable } from '../../finetune/start/untrained.js';
import { rolesOf } from '../../finetune/step/state.js';
import { type Dimensions, type OpenExtent, openExtents, withDimensions } from '../../import/dimensions.js';
import { examine } from '../../import/examine.js';
import type { PassReport } from '../../import/normalize/pass.js';
import { brokenValues } from '../../mapping/brokenValues.js';
import type { CrossbarTensor } from '../../mapping/crossbar.js';
import { arrange, type Layer } from '../../mapping/digital.js';
import { trainingModes } from '../../mapping/trainingModes.js';
import type { Network, Role } from '../../network/network.js';
import { surveyNodes } from '../../network/survey.js';
import { operatorName } from '../../onnx/label.js';
import type { Model, ValueInfo } from '../../onnx/model.js';
import { dataTypeName, elementCount } from '../../onnx/tensor.js';
import { fedInputs, metadata, walkNodes } from '../../onnx/walk.js';
import { type OperatorSupport, supportTable } from './support.js';

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
  /** null if the stored values cannot be read. */
  largest: number | null;
  nodes: readonly string[];
  stored: string;
}

export interface TrainedTensor {
  name: string;
  role: Role;
  shape: readonly number[];
  size: number;
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
  /** Operators as they are imported, those of local functions in place of the calls. */
  support: OperatorSupport[];
  /** Extents of the inputs that the file leaves open. */
  open: OpenExtent[];
  /** Tensors that fine-tuning would change. */
  trained: TrainedTensor[];
  /** What was done to the view that the network is made from, and what was not. */
  normalization: PassReport[];
  /** What was read differently from how it is written. */
  notes: readonly string[];
  /** Numbers in the file's float tensors: initializers, weights in Constant nodes, weights as codes. */
  parameters: number;
  crossbar: CrossbarDescription[];
  /** Layers that stay digital, because the file or an option says so. */
  digital: readonly Layer[];
  /** What keeps the model from being fine-tuned. */
  unsupported: readonly Problem[];
  /** What keeps it from being converted into a spiking network. */
  notSpiking: Problem[];
  /** Stored values with which nothing can be computed; `unsupported` and `unmapped` begin with them. */
  broken: Problem[];
  /** What verification refuses: values that are no numbers, weights that cannot be placed on a crossbar, operators in training mode. */
  unmapped: Problem[];
}

export function inspectModel(
  model: Model,
  file: { path: string; bytes: number; sha256: string },
  dimensions: Dimensions = new Map(),
  digital?: readonly string[],
): Inspection {
  const operators = new Map<string, number>();
  for (const { node } of walkNodes(model.graph)) {
    const name = operatorName(node);
    operators.set(name, (operators.get(name) ?? 0) + 1);
  }
  const examination = examine(model, { dimensions, digital });
  const arrangement = arrange(model, digital);
  const { network, problems, notes } = examination;
  const unsupported = problems.length > 0 ? problems : checkTrainable(model, network);
  const { crossbar } = arrangement;
  const trained = trainedTensors(network);
  const broken = brokenValues(model);
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
    support: supportTable(surveyNodes(model), problems, crossbar),
    open: openExtents(withDimensions(model, dimensions)),
    trained,
    normalization: [...examination.normalization(), batchNormReport(model)],
    notes,
    parameters: countParameters(model, [...crossbar, ...arrangement.spared], trained),
    crossbar: crossbar.map(describeCrossbar),
    unsupported,
    notSpiking: unsupported.length > 0 ? [] : checkConvertible(model),
    digital: arrangement.digital,
    broken,
    unmapped: [...broken, ...trainingModes(model), ...arrangement.refused.map(({ problem }) => problem)],
  };
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

function trainedTensors(network: Network): TrainedTensor[] {
  const { trained, statistics } = rolesOf(network, { batchNorm: 'trained', clips: false });
  return [...trained, ...statistics].map(({ name, role, shape, values }) => ({
    name,
    role,
    shape,
    size: values.length,
  }));
}

/** Import leaves batch normalization as it is; export folds it on demand. */
function batchNormReport(model: Model): PassReport {
  const pass = 'fold BatchNormalization (only by export --fold-batch-norm)';
  const { folded, kept } = attempt(() => foldBatchNorm(model), { model, folded: [], kept: [] });
  const count = folded.length === 1 ? '1 node can be folded' : `${folded.length} nodes can be folded`;
  return {
    pass,
    done: folded.length > 0 ? [count] : [],
    notDone: kept.map(({ label, reason }) => ({ what: reason, where: label })),
  };
}

/** What cannot be read in a damaged file is told elsewhere; the rest of the report stands. */
function attempt<T>(read: () => T, otherwise: T): T {
  try {
    return read();
  } catch (error) {
    if (error instanceof TemperError && error.kind === 'model') return otherwise;
    throw error;
  }
}

function countParameters(
  { graph }: Model,
  crossbar: readonly CrossbarTensor[],
  trained: readonly TrainedTensor[],
): number {
  const floats = graph.initializers.filter(({ dataType }) => /FLOAT|DOUBLE/.test(dataTypeName(dataType)));
  const stored = new Set(floats.map(({ name }) => name));
  const sizes = floats.map(({ dims }) => attempt(() => elementCount([...dims]), 0));
  const others =
    trained.length > 0
      ? trained.filter(({ name }) => !stored.has(name)).map(({ size }) => size)
      : crossbar.filter(({ source }) => source !== 'initializer').map(({ dims }) => elementCount([...dims]));
  return [...sizes, ...others].reduce((sum, size) => sum + size, 0);
}

function describeCrossbar(tensor: CrossbarTensor): CrossbarDescription {
  const { name, opType, dims, nodes, source, codes, dataType, values } = tensor;
  return {
    name,
    opType,
    dims,
    weights: elementCount([...dims]),
    largest: attempt(() => values().reduce((max, value) => Math.max(max, Math.abs(value)), 0), null),
    nodes,
    stored: codes
      ? `${codes.bits}-bit codes`
      : source === 'constant'
        ? 'Constant node'
        : dataTypeName(dataType),
  };
}
