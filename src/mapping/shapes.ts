/**
 * What can be said of shapes without running anything: enough to tell a scale per channel from a product, and over which axes
 * a sum runs. An unknown extent is `undefined`; so is the shape whose rank is unknown.
 */
import { intAttribute, intsAttribute } from '../onnx/attributes.js';
import type { Node } from '../onnx/model.js';
import { windowExtents } from './windowShapes.js';

export type Shape = readonly (number | undefined)[] | undefined;

/** Of each operand: its shape, and its values where they are stored integers. */
export interface OperandShapes {
  readonly shapes: readonly Shape[];
  ints(position: number): readonly number[] | undefined;
  /** Whether stored integers are all different; undefined if they are not stored. */
  distinct?(position: number): boolean | undefined;
  /** What `outputShape` says, as far as it is asked for yet. */
  readonly result?: Shape;
}

/** The shape of a node's first output. */
export function outputShape(node: Node, operands: OperandShapes): Shape {
  const [shape] = operands.shapes;
  if (unchanged.has(node.opType)) return shape;
  if (broadcasting.has(node.opType)) return broadcast(operands.shapes);
  return rules.get(node.opType)?.(node, operands);
}

const unchanged = new Set(
  (
    'Abs Neg Relu LeakyRelu Sigmoid HardSigmoid HardSwish Tanh Elu Selu Celu Gelu Mish Swish Softplus Softsign Erf Exp Log Sqrt ' +
    'Reciprocal Floor Ceil Round Sign Not Sin Cos Tan Asin Acos Atan Sinh Cosh Asinh Acosh Atanh IsNaN IsInf BitwiseNot ' +
    'ThresholdedRelu Shrink PRelu Clip Cast CastLike Identity Dropout Softmax LogSoftmax Hardmax BatchNormalization ' +
    'InstanceNormalization LayerNormalization GroupNormalization RMSNormalization LpNormalization MeanVarianceNormalization LRN ' +
    'QuantizeLinear DequantizeLinear CumSum CumProd Trilu ScatterND ScatterElements Scatter TensorScatter ReverseSequence ' +
    'RotaryEmbedding Bernoulli'
  ).split(' '),
);

const broadcasting = new Set(
  (
    'Add Sub Mul Div Pow Mod Max Min Sum Mean Where And Or Xor Equal Greater Less GreaterOrEqual LessOrEqual BitShift ' +
    'BitwiseAnd BitwiseOr BitwiseXor'
  ).split(' '),
);

export function broadcast(shapes: readonly Shape[]): Shape {
  const known = shapes.filter((shape) => shape !== undefined);
  if (known.length < shapes.length) return undefined;
  const rank = Math.max(0, ...known.map((shape) => shape.length));
  return Array.from({ length: rank }, (_, axis) => {
    const extents = known.map((shape) => {
      const at = axis - rank + shape.length;
      return at < 0 ? 1 : shape[at];
    });
    return (
      extents.find((extent) => extent !== undefined && extent !== 1) ??
      (extents.includes(undefined) ? undefined : 1)
    );
  });
}

type ShapeRule = (node: Node, operands: OperandShapes) => Shape;

/** More than any operator of onnxruntime takes. */
const mostAxes = 64;

/** Rank `length`, of unknown extents; nothing is said of a rank that only a hostile file asks for. */
const unknown = (length: number): Shape | undefined =>
  length >= 0 && length <= mostAxes ? Array(length).fill(undefined) : undefined;

/** Axes from the front; `rank` counts them. */
function fromFront(axes: readonly number[], rank: number): number[] {
  return axes.map((axis) => (axis < 0 ? axis + rank : axis));
}

/** The axes a reduction removes or makes 1, counted from the end (negative); undefined if they are unknown. */
export function reducedAxes(node: Node, { shapes, ints }: OperandShapes): number[] | undefined {
  const rank = shapes[0]?.length;
  const axes = intsAttribute(node, 'axes') ?? ints(1);
  if (!axes && node.inputs[1]) return undefined;
  if (!axes || axes.length === 0) {
    if (intAttribute(node, 'noop_with_empty_axes')) return [];
    return rank === undefined ? undefined : [...Array(rank).keys()].map((axis) => axis - rank);
  }
  if (rank === undefined) return axes.every((axis) => axis < 0) ? [...axes] : undefined;
  return axes.map((axis) => (axis < 0 ? axis : axis - rank));
}

export const isReduction = (opType: string) => opType.startsWith('Reduce');

const reduce: ShapeRule = (node, operands) => {
  const [shape] = operands.shapes;
  const axes = reducedAxes(node, operands);
  if (!shape) return undefined;
  const keep = intAttribute(node, 'keepdims') ?? 1;
  if (!axes) return keep ? unknown(shape.length) : undefined;
  const isReduced = (axis: number) => axes.includes(axis - shape.length);
  return keep
    ? shape.map((extent, axis) => (isReduced(axis) ? 1 : extent))
    : shape.filter((_, axis) => !isReduced(axis));
};

/** Example and channel stay, the rest moves. */
const windows: ShapeRule = (_, { shapes: [shape] }) =>
  shape?.map((extent, axis) => (axis < 2 ? extent : undefined));

const pooling: ShapeRule = (node, { shapes: [shape] }) =>
  shape && [...shape.slice(0, 2), ...windowExtents(node, shape, undefined)];

const tiled: ShapeRule = (_, { shapes: [shape], ints }) => {
  const counts = ints(1);
  return shape?.map((extent, axis) => {
    const count = counts?.[axis];
    return extent === undefined || count === undefined ? undefined : extent * count;
  });
};

/** Known where every extent is given as a number. */
const resized: ShapeRule = (node, { shapes: [shape], ints }) => {
  const axes = intsAttribute(node, 'axes');
  const sizes = ints(3);
  const scales = ints(node.opType === 'Upsample' ? 1 : 2);
  return shape?.map((extent, axis) => {
    const place = axes ? axes.map((each) => (each < 0 ? each + shape.length : each)).indexOf(axis) : axis;
    const scale = scales?.[place];
    if (place < 0 || scale === 1) return extent;
    if (sizes) return sizes[place];
    if (scale !== undefined && extent !== undefined) return Math.floor(extent * scale);
    return axis < 2 ? extent : undefined;
  });
};

const pooled: ShapeRule = (_, { shapes: [shape] }) => shape?.map((extent, axis) => (axis < 2 ? extent : 1));

const convolved: ShapeRule = (node, { shapes: [x, w] }) => {
  const { opType, attributes } = node;
  const rank = x?.length ?? w?.length;
  if (rank === undefined) return undefined;
  const group = Number(attributes.find(({ name }) => name === 'group')?.i ?? 1n);
  const channels = opType === 'ConvTranspose' ? w?.[1] && w[1] * group : w?.[0];
  const places = windowExtents(node, x, w);
  return Array.from({ length: rank }, (_, axis) =>
    axis === 0 ? x?.[0] : axis === 1 ? channels : places[axis - 2],
  );
};

const matMul: ShapeRule = (_, { shapes: [a, b] }) => {
  if (!a || !b || a.length === 0 || b.length === 0) return undefined;
  const outer = broadcast([a.slice(0, -2), b.slice(0, -2)]) ?? [];
  const rows = a.length > 1 ? [a.at(-2)] : [];
  const columns = b.length > 1 ? [b.at(-1)] : [];
  return [...outer, ...rows, ...columns];
};

const reshape: ShapeRule = (node, { shapes: [shape, target], ints }) => {
  const listed = intsAttribute(node, 'shape') ?? ints(1);
  if (!listed) return target?.length === 1 && target[0] !== undefined ? unknown(target[0]) : undefined;
  const zeroCopies = !intAttribute(node, 'allowzero');
  const sizes = listed.map((size, axis) => (size === 0 && zeroCopies ? shape?.[axis] : size));
  const total = sizeOf(shape);
  const rest = sizeOf(sizes.filter((size) => size !== -1));
  const left = total !== undefined && rest ? total / rest : undefined;
  return sizes.map((size) => (size === -1 ? left : size));
};

export function sizeOf(shape: Shape): number | undefined {
  return shape?.reduce<number | undefined>(
    (total, extent) => (total === undefined || extent === undefined ? undefined : total * extent),
    1,
  );
}

const squeeze: ShapeRule = (node, { shapes: [shape], ints }) => {
  const axes = intsAttribute(node, 'axes') ?? ints(1);
  if (!shape || !axes) return undefined;
  const removed = fromFront(axes, shape.length);
  return shape.filter((_, axis) => !removed.includes(axis));
};

const unsqueeze: ShapeRule = (node, { shapes: [shape], ints }) => {
  const axes = intsAttribute(node, 'axes') ?? ints(1);
  if (!shape || !axes) return undefined;
  const rank = shape.length + axes.length;
  const added = fromFront(axes, rank);
  const rest = shape.values();
  return Array.from({ length: rank }, (_, axis) => (added.includes(axis) ? 1 : rest.next().value));
};

const concat: ShapeRule = (node, { shapes }) => {
  const [first] = shapes;
  if (!first) return undefined;
  const [along] = fromFront([intAttribute(node, 'axis') ?? 1], first.length);
  return first.map((_, axis) => {
    const extents = shapes.map((shape) => shape?.[axis]);
    if (axis === along)
      return extents.reduce((sum, extent) =>
        sum === undefined || extent === undefined ? undefined : sum + extent,
      );
    return extents.find((extent) => extent !== undefined);
  });
};

const gather: ShapeRule = (node, { shapes: [shape, indices] }) => {
  if (!shape || !indices) return undefined;
  const [along = 0] = fromFront([intAttribute(node, 'axis') ?? 0], shape.length);
  return [...shape.slice(0, along), ...indices, ...shape.slice(along + 1)];
};

const slice: ShapeRule = (node, { shapes: [shape], ints }) => {
  if (!shape) return undefined;
  const starts = intsAttribute(node, 'starts') ?? ints(1);
  const axes =
    intsAttribute(node, 'axes') ?? ints(3) ?? (node.inputs[3] ? undefined : starts && [...starts.keys()]);
  if (!axes) return unknown(shape.length);
  const cut = fromFront(axes, shape.length);
  return shape.map((extent, axis) => (cut.includes(axis) && extent !== 1 ? undefined : extent));
};

const split: ShapeRule = (node, { shapes: [shape] }) => {
  const [along] = fromFront([intAttribute(node, 'axis') ?? 0], shape?.length ?? 0);
  const parts = node.outputs.length;
  const even = !node.inputs[1] && !intsAttribute(node, 'split');
  return shape?.map((extent, axis) =>
    axis !== along ? extent : even && extent !== undefined ? Math.ceil(extent / parts) : undefined,
  );
};

const expand: ShapeRule = (_, { shapes: [shape, target], ints }) => {
  const listed = ints(1);
  if (listed) return broadcast([shape, listed]);
  const rank = target?.length === 1 ? target[0] : undefined;
  return shape && rank !== undefined ? unknown(Math.max(rank, shape.length)) : undefined;
};

const sameRank: ShapeRule = (_, { shapes: [shape] }) => shape && unknown(shape.length);

const rules: ReadonlyMap<string, ShapeRule> = new Map<string, ShapeRule>([
  ['Conv', convolved],
  ['ConvTranspose', convolved],
  ['MatMul', matMul],
  ['Gemm', gemm],
  ['Reshape', reshape],
  ['Flatten', flatten],
  ['Transpose', transpose],
  ['Squeeze', squeeze],
  ['Unsqueeze', unsqueeze],
  ['Concat', concat],
  ['Gather', gather],
  ['Slice', slice],
  ['Split', split],
  ['Expand', expand],
  ['Shape', (_, { shapes: [shape] }) => [shape?.length]],
  ['Size', () => []],
  ['Range', () => [undefined]],
  [
    'ConstantOfShape',
    (_, { shapes: [shape], ints }) => ints(0) ?? (shape?.[0] === undefined ? undefined : unknown(shape[0])),
  ],
  ...['MaxUnpool', 'GridSample'].map((name): [string, ShapeRule] => [name, windows]),
  ...['MaxPool', 'AveragePool', 'LpPool'].map((name): [string, ShapeRule] => [name, pooling]),
  ...['Resize', 'Upsample'].map((name): [string, ShapeRule] => [name, resized]),
  ...['GlobalAveragePool', 'GlobalMaxPool', 'GlobalLpPool'].map((name): [string, ShapeRule] => [
    name,
    pooled,
  ]),
  ['Tile', tiled],
  ...['Pad', 'TopK', 'DepthToSpace', 'SpaceToDepth'].map((name): [string, ShapeRule] => [name, sameRank]),
  ...'Sum Mean Max Min Prod L1 L2 LogSum LogSumExp SumSquare'
    .split(' ')
    .map((name): [string, ShapeRule] => [`Reduce${name}`, reduce]),
]);

function gemm(node: Node, { shapes: [a, b] }: OperandShapes): Shape {
  return [intAttribute(node, 'transA') ? a?.[1] : a?.[0], intAttribute(node, 'transB') ? b?.[0] : b?.[1]];
}

function flatten(node: Node, { shapes: [shape] }: OperandShapes): Shape {
  if (!shape) return [undefined, undefined];
  const [axis = 1] = fromFront([intAttribute(node, 'axis') ?? 1], shape.length);
  return [sizeOf(shape.slice(0, axis)), sizeOf(shape.slice(axis))];
}

function transpose(node: Node, { shapes: [shape] }: OperandShapes): Shape {
  const perm = intsAttribute(node, 'perm') ?? (shape && [...shape.keys()].reverse());
  return perm?.map((axis) => shape?.[axis]);
}
