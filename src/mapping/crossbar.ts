/**
 * Which tensors of a model sit on a crossbar: the weight operands of Conv, ConvTranspose, Gemm and MatMul, wherever they
 * are stored and whatever merely reshapes or dequantizes them on the way; not biases, not batch normalization.
 */

import { elementOf } from '../lists/elementOf.js';
import { lookUp } from '../lists/lookUp.js';
import { intAttribute } from '../onnx/attributes.js';
import { type Inlined, inlineFunctions, type Placement } from '../onnx/inline.js';
import { DataType, type Graph, type Model, type Node, type Tensor } from '../onnx/model.js';
import { tensorView } from '../onnx/tensor.js';
import { isStandard, subgraphs } from '../onnx/walk.js';
import type { ChannelRange, Channels } from './channels.js';
import { dequantized, type StoredCodes } from './dequantized.js';
import { Scope } from './scope.js';
import { type AxesView, viewOf } from './views.js';

export interface CrossbarTensor {
  /** The value that a device disturbs: an initializer, the output of a Constant, or of a DequantizeLinear. */
  readonly name: string;
  readonly source: 'initializer' | 'constant' | 'dequantized';
  /** The nodes that compute with it, by label. */
  readonly nodes: readonly string[];
  /** Operator of the first of them. */
  readonly opType: string;
  readonly dims: readonly number[];
  /** onnx data type of the value: FLOAT, or another floating-point type. */
  readonly dataType: number;
  /** Its axis of output channels, of the first of the nodes; -1 if there is no single one. */
  readonly outputAxis: number;
  /** Further values that are the same array: other DequantizeLinear of the same codes on the same grid. */
  readonly copies: readonly string[];
  /** Under which name its noise is drawn: that of the first value made of the same codes, on whatever grid. */
  readonly array: string;
  /** For dequantized weights: the tensor that is stored. */
  readonly stored?: string;
  /** For dequantized weights of stored codes. */
  readonly codes?: StoredCodes;
  /** The effective weights, row-major; not to be written on: they may be the bytes that were read. */
  values(): Float32Array;
  /** Its output channels and, if it is codes, their ranges; computed anew at each call. */
  channels(): Channels;
}

/** Views between a stored tensor and its layer; exporters write two or three. Weights behind more count as computed. */
const longestTrail = 100;

const floats: readonly number[] = [DataType.FLOAT, DataType.FLOAT16, DataType.BFLOAT16, DataType.DOUBLE];

/** Operators that multiply with integer codes directly: there is no effective weight in the graph to disturb. */
export const integerOperators = new Set([
  'QLinearConv',
  'QLinearMatMul',
  'ConvInteger',
  'MatMulInteger',
  'QGemm',
  'QAttention',
  'MatMulNBits',
  'MatMulIntegerToFloat',
  'DynamicQuantizeMatMul',
  'DynamicQuantizeLSTM',
]);

type FoundTensor = CrossbarTensor & {
  readonly grid: () => string;
  readonly nodes: string[];
  readonly copies: string[];
};

/** All crossbar tensors in the order of their first use. A tensor that several nodes share is one entry. */
export function crossbarTensors(model: Model): CrossbarTensor[] {
  const found = new Map<object, FoundTensor[]>();
  visitNodes(model, ({ label, isInside }, node, scope) => {
    const hit = weightTensor(node, scope);
    if (!hit || isInside(hit.tensor.name)) return;
    const { key, grid, tensor } = hit;
    const alike = found.get(key) ?? [];
    found.set(key, alike);
    const known = alike.find((other) => other.name === tensor.name || other.grid() === grid());
    if (known) {
      known.nodes.push(label);
      if (![known.name, ...known.copies].includes(tensor.name)) known.copies.push(tensor.name);
    } else {
      const array = alike[0]?.name ?? tensor.name;
      alike.push({ ...tensor, grid, array, copies: [], nodes: [label], opType: node.opType });
    }
  });
  return [...found.values()].flat();
}

type Visitor = (place: Placement & Pick<Inlined, 'isInside'>, node: Node, scope: Scope) => void;

/**
 * Every node, each before those of its subgraphs, in file order, with the names it sees; those of local functions in place
 * of the calls.
 */
export function visitNodes(model: Model, visit: Visitor, inlined = inlineFunctions(model)): void {
  const { graph, placements, isInside } = inlined;
  const collect = (graph: Graph, outer?: Scope, within?: Node) => {
    const scope = new Scope(graph, outer, within);
    for (const node of graph.nodes) {
      visit({ ...lookUp(placements, node, 'placement of a node'), isInside }, node, scope);
      for (const body of subgraphs(node)) collect(body, scope, node);
    }
  };
  collect(graph);
}

/** Inputs that may be the weights, the likelier one first; none for an operator without. */
export function weightPositions(node: Node): number[] {
  const { opType } = node;
  if (!isStandard(node)) return [];
  if (opType === 'Conv' || opType === 'ConvTranspose') return [1];
  return opType === 'Gemm' || opType === 'MatMul' ? [1, 0] : [];
}

/** The axis of output channels of the operand itself, before any view is undone. */
function operandAxis(node: Node, position: number, rank: number): number {
  switch (node.opType) {
    case 'Conv':
      return 0;
    case 'ConvTranspose':
      return 1;
    case 'Gemm':
      return position === 1 ? (intAttribute(node, 'transB') ? 0 : 1) : intAttribute(node, 'transA') ? 1 : 0;
    default:
      return rank < 2 ? -1 : position === 1 ? rank - 1 : rank - 2;
  }
}

/** A node between the stored tensor and the operand, and where it stands. */
interface PathStep {
  readonly node: Node;
  readonly scope: Scope;
}

interface Located {
  /** What chips disturb: the tensor as it lies in the file, or the DequantizeLinear. */
  disturbed: object;
  /** One object per stored tensor, so that shared weights meet: names alone may repeat between sibling subgraphs. */
  key: object;
  /** What its codes stand for, as text; empty for weights stored as they are. */
  grid: () => string;
  tensor: Omit<CrossbarTensor, 'nodes' | 'opType' | 'copies' | 'array'>;
}

/** The stored tensor that holds the weights of a layer; undefined if it has none, or none that could be disturbed. */
export function weightTensor(node: Node, scope: Scope): Located | undefined {
  for (const position of weightPositions(node)) {
    const hit = locate(node, position, scope);
    if (hit) return hit;
  }
  return undefined;
}

function locate(consumer: Node, position: number, scope: Scope): Located | undefined {
  const trail: PathStep[] = [];
  let at = scope;
  let name = consumer.inputs[position];
  while (name) {
    const origin = at.find(name);
    if (origin?.kind === 'tensor') {
      const { tensor, source } = origin;
      if (!floats.includes(tensor.dataType)) return undefined;
      const { dims, dataType } = tensor;
      const values = () => floatsOf(tensor);
      const channels = sourceChannels(consumer, position, trail, dims);
      const outputAxis = channels.axis;
      const found = { name, source, dims, dataType, outputAxis, values, channels: () => channels };
      return { disturbed: origin.original, key: origin, grid: () => '', tensor: found };
    }
    if (origin?.kind !== 'node') return undefined;
    const { node } = origin;
    at = origin.scope;
    if (node.opType === 'DequantizeLinear') {
      const weights = dequantized(node, at);
      if (!weights) return undefined;
      const channels = sourceChannels(consumer, position, trail, weights.dims);
      const { key, grid, range, ...stored } = weights;
      return {
        disturbed: node,
        key,
        grid,
        tensor: {
          name,
          source: 'dequantized',
          outputAxis: channels.axis,
          ...stored,
          channels: () => ({ ...channels, ...optional(range()) }),
        },
      };
    }
    // A graph with a cycle is invalid, but must not hang us; nor must ten thousand layers behind ten thousand views.
    if (trail.length === longestTrail || !viewOf(node, undefined, () => undefined)) return undefined;
    trail.unshift({ node, scope: at });
    name = node.inputs[0];
  }
  return undefined;
}

function optional(range: ChannelRange | undefined): { range?: ChannelRange } {
  return range ? { range } : {};
}

function floatsOf(tensor: Tensor): Float32Array {
  const values = tensorView(tensor);
  return values instanceof Float32Array ? values : new Float32Array(values as Float64Array);
}

/** How the output channels of a layer lie in the stored tensor, behind the views between. */
function sourceChannels(
  consumer: Node,
  position: number,
  trail: readonly PathStep[],
  dims: readonly number[],
): Channels {
  const views: AxesView[] = [];
  let shape: readonly number[] | undefined = dims;
  for (const { node, scope } of trail) {
    const view: AxesView | undefined = viewOf(node, shape, (name) => scope.tensor(name));
    if (!view) throw new Error(`${node.opType} is no view`);
    views.push(view);
    shape = view.dims;
  }
  const stored = (axis: number) =>
    views.reduceRight((inner, view) => (inner < 0 ? -1 : view.axis(inner)), axis);
  const axis = stored(operandAxis(consumer, position, shape?.length ?? dims.length));
  const groups = consumer.opType === 'ConvTranspose' ? (intAttribute(consumer, 'group') ?? 1) : 1;
  if (groups === 1 || axis < 0) return { axis };
  const along = stored(0);
  const isSplit = along >= 0 && elementOf(dims, along, 'axis') % groups === 0;
  return isSplit ? { axis, runs: { axis: along, count: groups } } : { axis };
}
