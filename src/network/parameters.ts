/** Which constants of a graph are parameters: what a layer learns, told by the operand it is. The rest are constants. */
import type { Node } from '../onnx/model.js';
import { inputName, type Role } from './operator.js';
import type { Plan } from './plan.js';

/** A tensor of the file that training may change. */
export interface Parameter {
  /** Name of the initializer, or of the Constant node's output. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major, as in the file (float16 and float64 as float32). */
  readonly values: Float32Array;
  readonly role: Role;
  /** Whether it sits on a crossbar: a weight of Conv, ConvTranspose, Gemm or MatMul. */
  readonly crossbar: boolean;
  /** False for running statistics. */
  readonly trainable: boolean;
}

/** A parameter may pass these on its way to the layer. */
const passing = new Set(['Identity', 'Transpose', 'Reshape', 'Cast', 'Flatten', 'Squeeze', 'Unsqueeze']);
/** An addition of a constant to what these give is their bias. */
const biased = new Set(['MatMul', 'Conv', 'ConvTranspose', 'Gemm', 'Einsum']);
/** If a tensor is several things to several layers, the first of these counts. */
const rank: readonly Role[] = ['weight', 'unmapped', 'scale', 'shift', 'slope', 'mean', 'variance', 'bias'];

export function findParameters({ nodes, constants, producers }: Plan): Map<string, Parameter> {
  const roles = new Map<string, Role>();
  for (const { node, operator } of nodes) {
    node.inputs.forEach((input, index) => {
      const source = originOf(input, producers);
      const constant = constants.get(source);
      if (constant?.dtype !== 'float32') return;
      const role = operator.roles[inputName(operator.inputs, index) ?? ''] ?? biasOf(node, index, producers);
      const known = roles.get(source);
      if (role && (!known || rank.indexOf(role) < rank.indexOf(known))) roles.set(source, role);
    });
  }
  return new Map(
    [...constants].flatMap(([name, { shape, values }]) => {
      const role = roles.get(name);
      if (!role) return [];
      const trainable = role !== 'mean' && role !== 'variance';
      const floats = values as Float32Array;
      return [[name, { name, shape, values: floats, role, crossbar: role === 'weight', trainable }]];
    }),
  );
}

/** The value from which only operators that a parameter may pass lead to this one. */
export function originOf(name: string, producers: ReadonlyMap<string, Node>): string {
  let value = name;
  for (let node = producers.get(value); node && passing.has(node.opType); node = producers.get(value)) {
    value = node.inputs[0]!;
  }
  return value;
}

function biasOf(node: Node, index: number, producers: ReadonlyMap<string, Node>): Role | undefined {
  if (node.opType !== 'Add') return undefined;
  const other = producers.get(node.inputs[1 - index] ?? '');
  return other && biased.has(other.opType) ? 'bias' : undefined;
}
