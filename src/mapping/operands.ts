/** What is known of the shapes and stored integers of a node's operands. */
import { intsAttribute } from '../onnx/attributes.js';
import type { Node } from '../onnx/model.js';
import { tensorValues } from '../onnx/tensor.js';
import type { Content } from './contents.js';
import type { Scope } from './scope.js';
import type { OperandShapes, Shape } from './shapes.js';

export function operandsOf(node: Node, inputs: readonly Content[], scope: Scope): OperandShapes {
  return {
    shapes: inputs.map(({ shape }) => shape),
    ints(position) {
      const name = node.inputs[position];
      const origin = name ? scope.find(name) : undefined;
      if (origin?.kind === 'node') {
        return origin.node.opType === 'Constant' ? intsAttribute(origin.node, 'value_ints') : undefined;
      }
      if (!origin || origin.tensor.dims.length > 1 || (origin.tensor.dims[0] ?? 1) > 64) return undefined;
      return Array.from(tensorValues(origin.tensor) as ArrayLike<number | bigint>, Number);
    },
    distinct(position) {
      const tensor = scope.tensor(node.inputs[position] ?? '');
      if (!tensor) return undefined;
      const values = Array.from(tensorValues(tensor) as ArrayLike<number | bigint>, Number);
      return new Set(values).size === values.length;
    },
  };
}

/** Known extents of either. */
export function mergeShapes(a: Shape, b: Shape): Shape {
  if (!a || !b) return a ?? b;
  return a.length === b.length ? a.map((extent, axis) => extent ?? b[axis]) : a;
}

/** Of the outputs behind the first. */
export function sideShape({ opType }: Node, shape: Shape): Shape {
  return opType === 'Split' ? shape : undefined;
}
