/**
 * Along which axes activations only repeat themselves (Expand, Tile, indices that name an element twice): stored values that vary
 * there meet each activation several times, as those of a wider shape do.
 */
import { intAttribute } from '../onnx/attributes.js';
import type { Node } from '../onnx/model.js';
import { type Axes, movedAxes, summedAxes } from './axes.js';
import type { Content } from './contents.js';
import { mixingOf, movesOnly } from './mixing.js';
import type { OperandShapes } from './shapes.js';

interface RepeatOperation {
  readonly node: Node;
  readonly inputs: readonly Content[];
  readonly operands: OperandShapes;
}

/** Axes are counted from the end. */
export function repeatedAfter(operation: RepeatOperation): readonly number[] {
  const kept = handedOn(operation);
  const own = ownRepeats(operation);
  return own.length === 0 ? kept : [...new Set([...kept, ...own])];
}

function handedOn(operation: RepeatOperation): readonly number[] {
  const { node, inputs } = operation;
  const data = inputs.filter((content) => content.data);
  const all = [...new Set(data.flatMap(({ repeated }) => repeated ?? []))];
  if (all.length === 0) return all;
  switch (mixingOf(node)) {
    case 'linear':
    case 'bending':
    case 'normalizing':
    case 'softmax':
      // Where one varies, so does the result; of extent 1 it does not.
      return all.filter((axis) =>
        data.every(
          ({ repeated, shape }) => repeated?.includes(axis) || (shape && (shape.at(axis) ?? 1) === 1),
        ),
      );
    case 'placing':
      return data.length === 1 ? all : [];
    case 'moving':
      return inputs[0]?.data ? (movedAxes(operation, inputs[0].repeated ?? []) ?? []) : [];
    case 'layer': {
      const summed = inputs[0]?.data ? -1 : -2;
      return node.opType === 'MatMul' && data.length === 1 ? all.filter((axis) => axis !== summed) : [];
    }
    default:
      return [];
  }
}

function ownRepeats({ node, inputs, operands }: RepeatOperation): readonly number[] {
  const from = operands.shapes[0];
  const to = operands.result;
  if (!from || !to) return [];
  const fromEnd = (axis: number) => (axis < 0 ? axis : axis - to.length);
  switch (node.opType) {
    case 'Expand':
    case 'Tile':
      return [...to.keys()].flatMap((axis) => {
        const before = from[axis - to.length + from.length];
        const grown = axis < to.length - from.length || before !== undefined;
        return grown && to[axis] !== undefined && to[axis] !== (before ?? 1) ? [axis - to.length] : [];
      });
    case 'Resize':
    case 'Upsample':
      return movesOnly(node) ? grownAxes(summedAxes({ node, operands }), from, to) : [];
    case 'Gather': {
      if (!inputs[0]?.data || operands.distinct?.(1) !== false) return [];
      const along = intAttribute(node, 'axis') ?? 0;
      const begin = along < 0 ? along + from.length : along;
      const count = to.length - from.length + 1;
      return Array.from({ length: Math.max(0, count) }, (_, i) => begin + i - to.length);
    }
    case 'Concat': {
      const names = node.inputs.filter((_, i) => inputs[i]?.data);
      return new Set(names).size < names.length ? [fromEnd(intAttribute(node, 'axis') ?? 0)] : [];
    }
    default:
      return [];
  }
}

type RepeatExtents = readonly (number | undefined)[];

function grownAxes(axes: Axes, from: RepeatExtents, to: RepeatExtents): readonly number[] {
  return (axes ?? []).filter((axis) => {
    const [before, after] = [from.at(axis), to.at(axis)];
    return before === undefined || after === undefined || after > before;
  });
}
