/**
 * Where stored values that met activations element by element become a product after all: scaled activations that are summed,
 * differences that are squared and summed, stored rows that are multiplied with activations. Linear operators hand traces on, as
 * does rounding to codes; activation functions hand on scales; a normalization or a layer on a crossbar ends them.
 */
import { intAttribute, intsAttribute } from '../onnx/attributes.js';
import type { Node } from '../onnx/model.js';
import { isStandard } from '../onnx/walk.js';
import { type Content, type Trace, traceUnion } from './contents.js';
import { isReduction, type Operands, reducedAxes } from './shapes.js';

const elementwise = new Set(
  'Identity Cast Dropout Neg Add Sub Sum Mean Mul Div Where Abs Pow Exp Max Min Trilu'.split(' '),
);
/** The same values, in another type or rounded. */
const rounding = new Set('CastLike QuantizeLinear DequantizeLinear Round Floor Ceil'.split(' '));
/** What is counted of comparisons with stored values are matches with all of them. */
const comparing = new Set('Equal Greater Less GreaterOrEqual LessOrEqual Not And Or Xor'.split(' '));
/** A sum of scaled activations is a product also where each was bent or limited before: all of them may lie where nothing bends. */
const bending = new Set(
  (
    'Relu LeakyRelu PRelu ThresholdedRelu Elu Celu Selu Gelu Swish HardSwish Mish Softplus Shrink Clip Sigmoid HardSigmoid Tanh ' +
    'Softsign Erf Sqrt'
  ).split(' '),
);
const sameAxes = new Set(
  'Slice Pad Concat Split Gather GatherElements ScatterND ScatterElements CumSum Resize Upsample'.split(' '),
);
const moving = new Set(
  (
    'Reshape Flatten Squeeze Unsqueeze Transpose Expand Tile DepthToSpace SpaceToDepth GatherND Compress TopK ReverseSequence ' +
    'SequenceConstruct SequenceAt SplitToSequence ConcatFromSequence'
  ).split(' '),
);
const pools = new Set([
  ...['AveragePool', 'GlobalAveragePool', 'LpPool', 'GlobalLpPool', 'MaxPool', 'GlobalMaxPool'],
]);
const sums = new Set([
  'ReduceSum',
  'ReduceMean',
  'ReduceLogSum',
  'CumSum',
  'AveragePool',
  'GlobalAveragePool',
]);
/** Of what is added or of distances, the largest, or the logarithm of a sum of products. */
const extremes = new Set([
  'ReduceMax',
  'ReduceMin',
  'ReduceLogSumExp',
  'ReduceProd',
  'MaxPool',
  'GlobalMaxPool',
]);
const norms = new Set(['ReduceL1', 'ReduceL2', 'ReduceSumSquare', 'LpPool', 'GlobalLpPool']);
const layers = new Set(['MatMul', 'Gemm', 'Conv', 'ConvTranspose']);
const products = new Set(
  'MatMul Gemm Conv ConvTranspose DeformConv CausalConvWithState Einsum Attention LinearAttention RNN LSTM GRU'.split(
    ' ',
  ),
);

const adding = new Set(['Add', 'Sub', 'Sum', 'Mean']);

export interface Operation {
  readonly node: Node;
  readonly inputs: readonly Content[];
  readonly operands: Operands;
}

/** The traces that an operator hands on. */
export function tracesAfter(operation: Operation): readonly Trace[] {
  const { node, inputs, operands } = operation;
  const { opType } = node;
  if (!isStandard(node) || inputs.every(({ traces }) => traces.length === 0)) return [];
  if (elementwise.has(opType)) return elementByElement(node, inputs);
  if (rounding.has(opType)) return inputs[0]?.traces ?? [];
  if (bending.has(opType) || comparing.has(opType)) return bent(inputs);
  const all = traceUnion(inputs.map(({ traces }) => traces));
  const rank = operands.shapes[0]?.length;
  if (opType === 'Concat') return stacked(operation, all);
  if (sameAxes.has(opType)) return all;
  if (moving.has(opType)) return all.map((trace) => ({ ...trace, axes: movedAxes(operation, trace.axes) }));
  if (isReduction(opType) || pools.has(opType)) {
    const axes = summedAxes(operation);
    const keep = pools.has(opType) || (intAttribute(node, 'keepdims') ?? 1);
    return all
      .filter((trace) => trace.kind !== 'beside' && !meet(trace.axes, axes))
      .map((trace) =>
        keep || rank === undefined || !trace.axes || !axes
          ? trace
          : { ...trace, axes: withoutAxes(trace.axes, axes) },
      );
  }
  return [];
}

function elementByElement(node: Node, inputs: readonly Content[]): readonly Trace[] {
  const { opType } = node;
  const lists = inputs.map(({ traces }) => traces);
  if (opType === 'Div') return lists[0] ?? [];
  const squares =
    opType === 'Abs' || opType === 'Pow' || (opType === 'Mul' && node.inputs[0] === node.inputs[1]);
  if (squares)
    return (lists[0] ?? []).map((trace) => (trace.kind === 'shift' ? { ...trace, kind: 'distance' } : trace));
  if (opType === 'Exp') {
    // Sums in the exponent are products.
    const full = (lists[0] ?? []).filter((trace) => trace.kind === 'shift' && trace.full);
    return full.map((trace) => ({ ...trace, kind: 'scale' }));
  }
  const two = inputs.filter(({ data }) => data).length > 1;
  if (opType === 'Max' || opType === 'Min') return two ? traceUnion(lists) : bent(inputs);
  if (opType !== 'Mul' || !two) return traceUnion(lists);
  // Stored rows plus something of the activations, times activations: weights that are modulated.
  return traceUnion(
    lists.map((list) => list.map((trace) => (trace.full ? { ...trace, kind: 'scale' } : trace))),
  );
}

function bent(inputs: readonly Content[]): readonly Trace[] {
  const kept = ({ kind }: Trace) => kind === 'scale' || kind === 'distance';
  return traceUnion(inputs.map(({ traces }) => traces.filter(kept)));
}

/** A trace that becomes a product here, and how. */
export interface Product {
  readonly trace: Trace;
  readonly how: string;
}

/** @param isNormalizing whether a sum only serves to normalize what it sums */
export function productsAt(operation: Operation, isNormalizing: () => boolean): Product[] {
  const { node, inputs } = operation;
  const { opType } = node;
  const traced = inputs.some(({ traces }) => traces.length > 0);
  if (!traced) return [];
  if (isStandard(node) && (isReduction(opType) || pools.has(opType) || opType === 'CumSum')) {
    const axes = summedAxes(operation);
    const dangerous = (trace: Trace) => dangers(opType, trace) && meet(trace.axes, axes);
    const found = inputs.flatMap(({ traces }) => traces.filter(dangerous));
    return found.length === 0 || isNormalizing() ? [] : found.map((trace) => ({ trace, how: 'are summed' }));
  }
  if (isStandard(node) && adding.has(opType)) return addedParts(inputs);
  if (isStandard(node) && !products.has(opType)) return [];
  const data = inputs.filter((content) => content.data);
  const scaled = data.flatMap(({ traces }) =>
    traces.filter(({ kind }) => kind === 'scale' || kind === 'distance'),
  );
  if (data.length === 1 && opType === 'Einsum')
    return scaled.map((trace) => ({ trace, how: 'may be summed' }));
  // A factor that is stored and free of noise was let pass as a single number: the product is a sum.
  if (data.length === 1 && layers.has(opType) && inputs.slice(0, 2).some(({ stored }) => stored.length > 0))
    return scaled.map((trace) => ({ trace, how: 'are summed' }));
  if (data.length < 2) return [];
  return inputs.flatMap((content, position) => {
    const asKernel = position === 1 && (opType.includes('Conv') || opType === 'Gemm');
    return content.traces
      .filter(({ full, kind }) => full || (asKernel && kind === 'scale'))
      .map((trace) => ({ trace, how: 'are multiplied with others' }));
  });
}

/** Different parts of one value, each scaled: a convolution written out, one term for each place of its kernel. */
function addedParts(inputs: readonly Content[]): Product[] {
  return joinedParts(inputs).map((trace) => ({ trace, how: 'are added to other parts of the same value' }));
}

/** The scales of parts that meet other scaled parts of the same value. */
function joinedParts(inputs: readonly Content[]): Trace[] {
  const scales = inputs.map(({ traces }) => traces.filter(({ kind, part }) => kind === 'scale' && part));
  const isOther = ({ part: a }: Trace, { part: b }: Trace) => a?.whole === b?.whole && a?.name !== b?.name;
  return scales.flatMap((list, at) =>
    list.filter((trace) =>
      scales.some((others, i) => i !== at && others.some((other) => isOther(trace, other))),
    ),
  );
}

/** Put beside one another, the scaled parts of one value vary along that axis too: summed along it they are added. */
function stacked({ node, inputs, operands }: Operation, all: readonly Trace[]): readonly Trace[] {
  const joined = new Set(joinedParts(inputs));
  const axis = intAttribute(node, 'axis') ?? 0;
  const rank = operands.shapes.find((shape) => shape !== undefined)?.length;
  const place = axis < 0 ? axis : rank === undefined ? undefined : axis - rank;
  const wider = ({ axes }: Trace) =>
    axes && place !== undefined ? [...new Set([...axes, place])] : undefined;
  return all.map((trace) => (joined.has(trace) ? { ...trace, axes: wider(trace) } : trace));
}

function dangers(opType: string, { kind, wide, full }: Trace): boolean {
  if (sums.has(opType)) return kind === 'scale' || kind === 'distance';
  if (norms.has(opType)) return kind !== 'beside';
  return extremes.has(opType) && full && wide && (kind === 'shift' || kind === 'distance');
}

/** Counted from the end; undefined if unknown. */
function summedAxes({ node, operands }: Operation): readonly number[] | undefined {
  const rank = operands.shapes[0]?.length;
  if (pools.has(node.opType)) {
    // Examples and channels are not summed.
    return rank === undefined ? undefined : Array.from({ length: Math.max(0, rank - 2) }, (_, i) => -1 - i);
  }
  if (node.opType !== 'CumSum') return reducedAxes(node, operands);
  const [axis] = operands.ints(1) ?? [];
  if (axis === undefined) return undefined;
  return axis < 0 ? [axis] : rank === undefined ? undefined : [axis - rank];
}

function meet(axes: readonly number[] | undefined, others: readonly number[] | undefined): boolean {
  if (others?.length === 0) return false;
  return !axes || !others || axes.some((axis) => others.includes(axis));
}

/** Axes counted from the end after some are gone. */
function withoutAxes(axes: readonly number[], removed: readonly number[]): number[] {
  return axes.map((axis) => axis + removed.filter((other) => other > axis).length);
}

/** Where axes come to lie; undefined if that cannot be told. */
function movedAxes({ node, operands }: Operation, axes: readonly number[] | undefined): number[] | undefined {
  const [from] = operands.shapes;
  const to = operands.result;
  if (!axes || !from || !to) return undefined;
  const moved = axes.flatMap((axis) => moveAxis(node, from, to, axis + from.length) ?? []);
  return moved.length < axes.length ? undefined : moved.map((axis) => axis - to.length);
}

type Extents = readonly (number | undefined)[];

function moveAxis(node: Node, from: Extents, to: Extents, axis: number): number | undefined {
  if (node.opType === 'Transpose') {
    const perm = intsAttribute(node, 'perm') ?? [...from.keys()].reverse();
    return perm.indexOf(axis);
  }
  if (from[axis] === undefined)
    return from.length === to.length && node.opType !== 'Reshape' ? axis : undefined;
  // The axis survives where everything before it, or everything behind it, keeps its extents.
  const same = (a: Extents, b: Extents) => a.length === b.length && a.every((extent, i) => extent === b[i]);
  const before = same(from.slice(0, axis), to.slice(0, axis)) && from[axis] === to[axis];
  if (before) return axis;
  const behind = from.length - axis;
  const place = to.length - behind;
  if (place >= 0 && same(from.slice(axis), to.slice(place))) return place;
  // Between extents of 1 that come and go, the only axis of its length.
  const places = to.flatMap((extent, i) => (extent === from[axis] ? [i] : []));
  const ambiguous = from.filter((extent) => extent === from[axis] || extent === undefined).length > 1;
  const plain = node.opType === 'Squeeze' || node.opType === 'Unsqueeze';
  return plain && places.length === 1 && !ambiguous ? places[0] : undefined;
}
