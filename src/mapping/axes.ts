/** Along which axes an operator sums, and where axes come to lie behind one. Axes are counted from the end (-1 is the last). */
import { intAttribute, intsAttribute } from '../onnx/attributes.js';
import type { Node } from '../onnx/model.js';
import { isReduction, type OperandShapes, reducedAxes } from './shapes.js';

export interface Sited {
  readonly node: Node;
  readonly operands: OperandShapes;
}

/** Undefined if unknown. */
export type Axes = readonly number[] | undefined;

type Extents = readonly (number | undefined)[];

const pools = new Set(
  'AveragePool GlobalAveragePool LpPool GlobalLpPool MaxPool GlobalMaxPool GridSample RoiAlign MaxRoiPool'.split(
    ' ',
  ),
);

/** The axes along which a sum, a norm, an extreme or a softmax runs. */
export function summedAxes({ node, operands }: Sited): Axes {
  const { opType } = node;
  const shape = operands.shapes[0];
  const rank = shape?.length;
  const fromEnd = (axis: number | undefined) =>
    axis === undefined ? undefined : axis < 0 ? [axis] : rank === undefined ? undefined : [axis - rank];
  if (isReduction(opType)) return reducedAxes(node, operands);
  // Examples and channels are not summed.
  if (pools.has(opType)) return rank === undefined ? undefined : upTo(rank - 2);
  switch (opType) {
    case 'CumSum':
    case 'CumProd':
      return fromEnd(operands.ints(1)?.[0]);
    case 'DFT':
      return fromEnd(
        node.inputs[2] ? operands.ints(2)?.[0] : (intAttribute(node, 'axis') ?? (node.inputs[1] ? -2 : 1)),
      );
    case 'Det':
      return [-1, -2];
    case 'AffineGrid':
      return [-1];
    case 'Softmax':
    case 'LogSoftmax':
    case 'ArgMax':
    case 'ArgMin':
    case 'Hardmax':
      return fromEnd(intAttribute(node, 'axis') ?? (opType.startsWith('Arg') ? 0 : -1));
    case 'Resize':
    case 'Upsample':
      return resizedAxes(node, operands);
    case 'ScatterElements':
    case 'Scatter':
      return fromEnd(intAttribute(node, 'axis') ?? 0);
    default:
      return undefined;
  }
}

const upTo = (count: number) => Array.from({ length: Math.max(0, count) }, (_, i) => -1 - i);

/** Those whose extent changes. Where it is unknown: of pictures, all but examples and channels. */
function resizedAxes(node: Node, { shapes: [shape], result, ints }: OperandShapes): Axes {
  const rank = shape?.length;
  if (rank === undefined) return undefined;
  const scales = node.opType === 'Upsample' ? ints(1) : ints(2);
  const listed = intsAttribute(node, 'axes') ?? upTo(rank).reverse();
  const places = listed.map((axis) => (axis < 0 ? axis : axis - rank));
  if (scales?.length === places.length) return places.filter((_, i) => scales[i] !== 1);
  const sizes = ints(3);
  const kept = (axis: number) => {
    const from = shape?.[axis + rank];
    const to = sizes?.length === places.length ? sizes[places.indexOf(axis)] : result?.[axis + rank];
    return from !== undefined && from === to;
  };
  const spatial = upTo(rank > 2 ? rank - 2 : rank);
  return places.filter((axis) => (sizes ? !kept(axis) : spatial.includes(axis) && !kept(axis)));
}

export function meet(axes: Axes, others: Axes): boolean {
  if (axes?.length === 0 || others?.length === 0) return false;
  return !axes || !others || axes.some((axis) => others.includes(axis));
}

/** Axes after some are gone. */
export function withoutAxes(axes: readonly number[], removed: readonly number[]): number[] {
  return axes.map((axis) => axis + removed.filter((other) => other > axis).length);
}

/** Where axes come to lie; undefined if that cannot be told. */
export function movedAxes({ node, operands }: Sited, axes: Axes): number[] | undefined {
  const [from] = operands.shapes;
  const to = operands.result;
  if (axes?.length === 0) return [];
  if (!axes || !from || !to) return undefined;
  const moved = axes.map((axis) => movedAxis(node, from, to, axis + from.length));
  return moved.includes(undefined)
    ? undefined
    : moved.flatMap((places) => places!.map((axis) => axis - to.length));
}

function movedAxis(node: Node, from: Extents, to: Extents, axis: number): number[] | undefined {
  switch (node.opType) {
    case 'Transpose': {
      const perm = intsAttribute(node, 'perm') ?? [...from.keys()].reverse();
      return [perm.indexOf(axis)];
    }
    case 'Expand':
      return [axis + to.length - from.length];
    case 'Tile':
    case 'MaxUnpool':
    case 'RotaryEmbedding':
      return from.length === to.length ? [axis] : undefined;
    // Channels go to channels and places; places stay.
    case 'DepthToSpace':
      return axis === 1 ? [1, 2, 3] : [axis];
    case 'SpaceToDepth':
      return axis > 1 ? [1, axis] : [axis];
    case 'Gather': {
      const along = intAttribute(node, 'axis') ?? 0;
      const place = along < 0 ? along + from.length : along;
      const grown = to.length - from.length;
      if (axis === place) return Array.from({ length: grown + 1 }, (_, i) => axis + i);
      return [axis < place ? axis : axis + grown];
    }
    case 'Reshape':
    case 'Flatten':
    case 'Squeeze':
    case 'Unsqueeze':
      return reshapedAxis(from, to, axis);
    default:
      return undefined;
  }
}

/**
 * Extents are grouped from both ends into the shortest runs of equal size; what varies along an axis of a run varies along all axes
 * of it behind, as far as they are longer than 1. A single unknown on either side, of which the rest is equal, is the same.
 */
function reshapedAxis(from: Extents, to: Extents, axis: number): number[] | undefined {
  if (from[axis] === 1) return [];
  const front = runs(from, to);
  const hit = front.find(([a, b]) => axis >= a[0] && axis < a[1] && b);
  if (hit) return within(to, hit[1]);
  const back = runs([...from].reverse(), [...to].reverse());
  const turned = from.length - 1 - axis;
  const other = back.find(([a]) => turned >= a[0] && turned < a[1]);
  return other && within(to, [to.length - other[1][1], to.length - other[1][0]]);
}

type AxisRun = readonly [number, number];

const within = (to: Extents, [begin, end]: AxisRun) =>
  [...to.keys()].slice(begin, end).filter((axis) => to[axis] !== 1);

/** Pairs of runs of the same size, up to the first that cannot be told. */
function runs(from: Extents, to: Extents): [AxisRun, AxisRun][] {
  const found: [AxisRun, AxisRun][] = [];
  let [i, j] = [0, 0];
  while (i < from.length && j < to.length) {
    const [a, b] = [i, j];
    // Unknown, and the same place from here: the extent of the examples.
    if (from[i] === undefined || to[j] === undefined) {
      if (from[i] !== to[j]) return found;
      [i, j] = [i + 1, j + 1];
    } else {
      let [x, y] = [from[i++]!, to[j++]!];
      while (x !== y) {
        const next = x < y ? from[i++] : to[j++];
        if (next === undefined) return found;
        if (x < y) x *= next;
        else y *= next;
      }
    }
    found.push([
      [a, i],
      [b, j],
    ]);
  }
  return found;
}
