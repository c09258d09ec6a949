/** Which constants of a graph are parameters: what a layer learns, told by the operand it is. The rest are constants. */
import type { Node } from '../onnx/model.js';
import type { ConstantValue } from './constants.js';
import { inputName, type Role } from './operator.js';
import { constantOf, type Plan, walkPlan } from './plan.js';

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

type Producers = Plan['producers'];

/** A parameter may pass these on its way to the layer. */
const passing = new Set(['Identity', 'Transpose', 'Reshape', 'Cast', 'Flatten', 'Squeeze', 'Unsqueeze']);
/** An addition of a constant to what these give is their bias. */
const biased = new Set(['MatMul', 'Conv', 'ConvTranspose', 'Gemm']);
/** If a tensor is several things to several layers, the first of these counts. */
const rank: readonly Role[] = ['weight', 'scale', 'shift', 'slope', 'mean', 'variance', 'bias'];

/** Of the graph itself: what is stored inside a body of If, Loop or Scan stays as it is. */
export function findParameters(plan: Plan): Map<string, Parameter> {
  const roles = new Map<ConstantValue, Role>();
  for (const { planned, plan: around } of walkPlan(plan)) {
    const { node, operator } = planned;
    const { producers } = around;
    node.inputs.forEach((input, index) => {
      const constant = constantOf(around, originOf(input, producers));
      if (constant?.dtype !== 'float32') return;
      const role = operator.roles[inputName(operator.inputs, index) ?? ''] ?? biasOf(node, index, producers);
      const known = roles.get(constant);
      if (role && (!known || rank.indexOf(role) < rank.indexOf(known))) roles.set(constant, role);
    });
  }
  return new Map(
    [...plan.constants].flatMap(([name, constant]) => {
      const role = roles.get(constant);
      if (!role) return [];
      const { shape, values } = constant;
      const trainable = role !== 'mean' && role !== 'variance';
      const floats = values as Float32Array;
      return [[name, { name, shape, values: floats, role, crossbar: role === 'weight', trainable }]];
    }),
  );
}

/** The value from which only operators that a parameter may pass lead to this one. */
export function originOf(name: string, producers: Producers): string {
  let value = name;
  for (let node = producers.get(value); node && passing.has(node.opType); node = producers.get(value)) {
    value = node.inputs[0]!;
  }
  return value;
}

function biasOf(node: Node, index: number, producers: Producers): Role | undefined {
  if (node.opType !== 'Add') return undefined;
  const other = producers.get(node.inputs[1 - index] ?? '');
  return other && biased.has(other.opType) ? 'bias' : undefined;
}
