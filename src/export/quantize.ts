/**
 * Weights as integer codes: codes -> DequantizeLinear -> the layer as before. The DequantizeLinear's output takes the name
 * of the weight tensor, so nothing else of the graph changes. Symmetric codes, see mapping/codes.ts.
 */
import { type Problem, TemperError } from '../errors.js';
import { type Codes, quantize as quantizeValues } from '../mapping/codes.js';
import { type CrossbarTensor, crossbarTensors } from '../mapping/crossbar.js';
import { makeNode } from '../onnx/build.js';
import { DataType, type Graph, type Model, type Node } from '../onnx/model.js';
import { freshNames } from '../onnx/names.js';
import { dataTypeName, makeTensor } from '../onnx/tensor.js';
import { opsetVersion, subgraphs, walkNodes } from '../onnx/walk.js';
import { withoutInitializers } from './initializers.js';
import { liftOpset, raiseIrVersion } from './lift/lift.js';

export type WeightBits = 8 | 4;

export interface QuantizeOptions {
  readonly bits: WeightBits;
  /** One scale per output channel (default), or one for the whole tensor. */
  readonly scales?: 'channel' | 'tensor';
  /** Crossbar tensors that stay floats, by name: they are digital. */
  readonly digital?: readonly string[];
}

/** A tensor that became codes. */
export interface QuantizedTensor extends Codes {
  readonly tensor: CrossbarTensor;
  /** Names of the two new initializers and of the new node. */
  readonly codesName: string;
  readonly scalesName: string;
  readonly nodeName: string;
}

export interface QuantizedModel {
  readonly model: Model;
  readonly tensors: readonly QuantizedTensor[];
  /** What the user should know: operator set lifted, tensors left alone. */
  readonly notes: readonly string[];
}

/** The first operator set with the DequantizeLinear that is needed. */
function neededOpset(bits: WeightBits, scales: 'channel' | 'tensor'): number {
  if (bits === 4) return 21;
  return scales === 'channel' ? 13 : 10;
}

/**
 * Quantizes every crossbar tensor stored as float32 that is not digital. Those that are codes already stay as they are.
 * Throws TemperError('model') if there is none, with every tensor that has no codes and with every node whose operator set cannot be lifted.
 */
export function quantizeWeights(
  source: Model,
  { bits, scales = 'channel', digital = [] }: QuantizeOptions,
): QuantizedModel {
  const notes: string[] = [];
  const version = opsetVersion(source);
  const lifted = liftOpset(source, neededOpset(bits, scales));
  const opset = opsetVersion(lifted);
  if (opset !== version)
    notes.push(`operator set lifted from ${version} to ${opset}, which ${bits}-bit weights need`);
  // Constants must not be inputs beside: see raiseIrVersion. int4 came with IR version 10.
  const model = raiseIrVersion(lifted, bits === 4 ? 10 : 4);
  const found = crossbarTensors(model).filter(({ name }) => !digital.includes(name));
  const open = found.filter(({ source: kind }) => kind !== 'dequantized');
  const kept = found.filter((tensor) => !open.includes(tensor)).map(({ name }) => name);
  if (kept.length > 0) notes.push(`already quantized, left as they are: ${briefly(kept)}`);
  if (open.length === 0) refuseNothing(kept);
  refuseUnusable(open);
  notes.push(...sharedElsewhere(model, open));
  const fresh = freshNames(model.graph);
  const tensors = open.map((tensor): QuantizedTensor => {
    const axis = scales === 'channel' && tensor.outputAxis >= 0 ? tensor.outputAxis : undefined;
    if (scales === 'channel' && axis === undefined)
      notes.push(`${tensor.name}: one scale for all, it has no output channels`);
    const codes = quantizeValues(tensor.values(), tensor.dims, bits, axis);
    return {
      ...codes,
      tensor,
      codesName: fresh(`${tensor.name}_codes`),
      scalesName: fresh(`${tensor.name}_scale`),
      nodeName: fresh(`${tensor.name}_dequantize`),
    };
  });
  const byName = new Map(tensors.map((entry) => [entry.tensor.name, entry]));
  return { model: { ...model, graph: inGraph(model.graph, byName) }, tensors, notes };
}

function refuseNothing(kept: readonly string[]): never {
  throw new TemperError(
    'model',
    kept.length > 0
      ? {
          what: `nothing to quantize: all weights are already quantized (${briefly(kept)})`,
          hint: 'export the float model it was made from',
        }
      : { what: 'nothing to quantize: no weights of this model sit on a crossbar' },
  );
}

function briefly(names: readonly string[]): string {
  const [shown, rest] = [names.slice(0, 5), names.length - 5];
  return shown.join(', ') + (rest > 0 ? ` and ${rest} more` : '');
}

function refuseUnusable(tensors: readonly CrossbarTensor[]): void {
  const problems: Problem[] = [];
  const names = new Set<string>();
  for (const { name, dataType, nodes, values } of tensors) {
    const where = `${name}, the weights of ${nodes[0]}`;
    if (dataType !== DataType.FLOAT) {
      const what = `cannot quantize ${dataTypeName(dataType)} weights`;
      problems.push({ what, where, hint: 'convert the model to float32 first' });
    } else if (!areFinite(values())) {
      problems.push({ what: 'cannot quantize weights that are not finite numbers', where });
    }
    if (names.has(name))
      problems.push({ what: `the name "${name}" stands for different weights in sibling subgraphs`, where });
    names.add(name);
  }
  if (problems.length > 0) throw new TemperError('model', problems);
}

function areFinite(values: Float32Array): boolean {
  for (let i = 0; i < values.length; i++) if (!Number.isFinite(values[i])) return false;
  return true;
}

/** Tensors that nodes other than crossbar layers read as well: those now read the quantized weights. */
function sharedElsewhere(model: Model, tensors: readonly CrossbarTensor[]): string[] {
  const layers = new Set([
    'Conv',
    'ConvTranspose',
    'Gemm',
    'MatMul',
    'Identity',
    'Cast',
    'Transpose',
    'Reshape',
    'Flatten',
    'Squeeze',
    'Unsqueeze',
  ]);
  const calls = new Set(model.functions.map((body) => body.name));
  const visits = [...walkNodes(model.graph)];
  return tensors.flatMap(({ name }) => {
    // What local functions do with it is told by their layers.
    const others = visits.filter(
      ({ node }) => node.inputs.includes(name) && !layers.has(node.opType) && !calls.has(node.opType),
    );
    return others.map(
      ({ node }) => `${name}: ${node.opType} reads it too, and now sees the quantized weights`,
    );
  });
}

/** Replaces the stored weights of this graph, wherever they are stored, by codes and a DequantizeLinear. */
function inGraph(graph: Graph, tensors: ReadonlyMap<string, QuantizedTensor>): Graph {
  const initialized = graph.initializers.flatMap(({ name }) => tensors.get(name) ?? []);
  const constants = graph.nodes.flatMap((node) => constantOf(node, tensors) ?? []);
  const nodes = graph.nodes.map((node) => {
    const constant = constantOf(node, tensors);
    return constant ? dequantizer(constant) : inBodies(node, tensors);
  });
  const stored = withoutInitializers(graph, new Set(initialized.map(({ tensor }) => tensor.name)));
  return {
    ...stored,
    nodes: [...initialized.map(dequantizer), ...nodes],
    initializers: [...stored.initializers, ...[...initialized, ...constants].flatMap(newInitializers)],
  };
}

function constantOf(node: Node, tensors: ReadonlyMap<string, QuantizedTensor>): QuantizedTensor | undefined {
  return node.opType === 'Constant' ? tensors.get(node.outputs[0] ?? '') : undefined;
}

function inBodies(node: Node, tensors: ReadonlyMap<string, QuantizedTensor>): Node {
  if (subgraphs(node).length === 0) return node;
  const attributes = node.attributes.map((attribute) => ({
    ...attribute,
    ...(attribute.g && { g: inGraph(attribute.g, tensors) }),
    ...(attribute.graphs && { graphs: attribute.graphs.map((body) => inGraph(body, tensors)) }),
  }));
  return { ...node, attributes };
}

function dequantizer({ tensor, codesName, scalesName, nodeName: name, axis }: QuantizedTensor): Node {
  return makeNode('DequantizeLinear', [codesName, scalesName], [tensor.name], { axis }, { name });
}

function newInitializers({ tensor, codes, scales, bits, axis, codesName, scalesName }: QuantizedTensor) {
  const type = bits === 4 ? DataType.INT4 : DataType.INT8;
  const shape = axis === undefined ? [] : [scales.length];
  return [
    // Codes of a byte are the bytes of the file: no second copy of them.
    bits === 8
      ? { name: codesName, dataType: type, dims: [...tensor.dims], rawData: new Uint8Array(codes.buffer) }
      : makeTensor(codesName, type, tensor.dims, codes),
    makeTensor(scalesName, DataType.FLOAT, shape, scales),
  ];
}
