/**
 * Operators that only give a weight tensor another look (Identity, Cast, Transpose, Reshape, ...): what shape comes out,
 * and which axis of the input becomes a given axis of the output.
 */
import { intAttribute, intsAttribute } from '../onnx/attributes.js';
import type { Node, Tensor } from '../onnx/model.js';
import { tensorValues } from '../onnx/tensor.js';
import { isStandard } from '../onnx/walk.js';

export interface AxesView {
  /** Shape of the output; undefined if it is computed at run time. */
  readonly dims: readonly number[] | undefined;
  /** The input's axis that is the output's `axis`; -1 if there is no single one. */
  axis(axis: number): number;
}

type Lookup = (name: string | undefined) => Tensor | undefined;

/** The view a node makes of its first input of shape `dims`; undefined if it is no view. `find` gives stored tensors. */
export function viewOf(node: Node, dims: readonly number[] | undefined, find: Lookup): AxesView | undefined {
  const rank = dims?.length;
  if (!isStandard(node)) return undefined;
  switch (node.opType) {
    case 'Identity':
    case 'Cast':
      return { dims, axis: (axis) => axis };
    case 'Transpose': {
      const perm =
        intsAttribute(node, 'perm') ?? (rank === undefined ? undefined : [...Array(rank).keys()].reverse());
      return { dims: dims && perm?.map((axis) => dims[axis] ?? -1), axis: (axis) => perm?.[axis] ?? -1 };
    }
    case 'Reshape':
    case 'Flatten':
    case 'Squeeze':
    case 'Unsqueeze':
      return reshaped(dims, dims && newShape(node, dims, find));
    default:
      return undefined;
  }
}

function reshaped(from: readonly number[] | undefined, to: readonly number[] | undefined): AxesView {
  return {
    dims: to,
    axis(axis) {
      if (!from || !to) return -1;
      // An axis survives a reshape if an axis of the input has its length and its stride.
      const stride = product(to.slice(axis + 1));
      return from.findIndex((size, index) => size === to[axis] && product(from.slice(index + 1)) === stride);
    },
  };
}

function newShape(node: Node, dims: readonly number[], find: Lookup): number[] | undefined {
  const listed = integers(find(node.inputs[1]));
  switch (node.opType) {
    case 'Reshape':
      return reshapeTo(node, dims, intsAttribute(node, 'shape') ?? listed);
    case 'Flatten': {
      const axis = intAttribute(node, 'axis') ?? 1;
      const split = axis < 0 ? axis + dims.length : axis;
      return [product(dims.slice(0, split)), product(dims.slice(split))];
    }
    case 'Squeeze': {
      const axes = intsAttribute(node, 'axes') ?? listed;
      if (!axes && node.inputs[1]) return undefined;
      const removed = new Set(axes?.map((axis) => (axis < 0 ? axis + dims.length : axis)));
      return dims.filter((size, axis) => (axes ? !removed.has(axis) : size !== 1));
    }
    default: {
      const axes = intsAttribute(node, 'axes') ?? listed;
      if (!axes) return undefined;
      const rank = dims.length + axes.length;
      const added = new Set(axes.map((axis) => (axis < 0 ? axis + rank : axis)));
      const rest = dims.values();
      return Array.from({ length: rank }, (_, axis) => (added.has(axis) ? 1 : (rest.next().value ?? 1)));
    }
  }
}

function reshapeTo(node: Node, dims: readonly number[], target: number[] | undefined): number[] | undefined {
  if (!target) return undefined;
  const zeroCopies = !intAttribute(node, 'allowzero');
  const shape = target.map((size, axis) => (size === 0 && zeroCopies ? (dims[axis] ?? 0) : size));
  const known = product(shape.filter((size) => size !== -1));
  return shape.map((size) => (size === -1 ? product(dims) / known : size));
}

function integers(tensor: Tensor | undefined): number[] | undefined {
  return tensor && Array.from(tensorValues(tensor) as ArrayLike<number | bigint>, Number);
}

function product(sizes: readonly number[]): number {
  return sizes.reduce((total, size) => total * size, 1);
}
