/** Which constants of a graph are parameters: what a layer learns, told by the operand it is. The rest are constants. */
import type { Node } from '../onnx/model.js';
import { computedWeights } from './computedWeights.js';
import type { ConstantValue } from './constants.js';
import { type Grid, gridValues, nearestCodes } from './grid.js';
import { inputName, type ParameterRole } from './operator.js';
import { origin, type Producers } from './origins.js';
import { constantOf, type Plan, walkPlan } from './plan.js';
import { sourceOf, storedGrids } from './storedGrids.js';

/** A tensor of the file that training may change. */
export interface Parameter {
  /** Name of the initializer, or of the Constant node's output. */
  readonly name: string;
  readonly shape: readonly number[];
  /** Row-major, as in the file (float16 and float64 as float32), or, with a grid, the values on it that the codes stand for. */
  readonly values: Float32Array;
  readonly role: ParameterRole;
  /** Present if the file holds codes, or the graph makes codes of it. */
  readonly grid?: Grid;
  /** Present if the graph makes codes of it: the values as in the file. */
  readonly unrounded?: Float32Array;
  /** Whether it sits on a crossbar: a weight of Conv, ConvTranspose, Gemm or MatMul. */
  readonly crossbar: boolean;
  /** False for running statistics. */
  readonly trainable: boolean;
}

/** A parameter may pass these on its way to the layer. */
const passing = new Set(['Identity', 'Transpose', 'Reshape', 'Cast', 'Flatten', 'Squeeze', 'Unsqueeze']);
/** An addition of a constant to what these give is their bias. */
const biased = new Set(['MatMul', 'Conv', 'ConvTranspose', 'Gemm', 'Einsum']);
/** If a tensor is several things to several layers, the first of these counts: a statistic is moved by no gradient. */
const rank: readonly ParameterRole[] = [
  'mean',
  'variance',
  'weight',
  'unmapped',
  'scale',
  'shift',
  'slope',
  'bias',
];

/** Of the graph itself: what is stored inside a function, or a body of If, Loop or Scan, stays as it is. */
export function findParameters(plan: Plan): Map<string, Parameter> {
  const grids = storedGrids(plan);
  const roles = new Map<ConstantValue, ParameterRole>();
  for (const { planned, plan: around } of walkPlan(plan)) {
    const { node, operator } = planned;
    const { producers } = around;
    node.inputs.forEach((input, index) => {
      const start = originOf(input, producers);
      const source = behindCodes(start, producers);
      const constant = constantOf(around, source);
      if (!constant || (!(source === start && constant.dtype === 'float32') && !grids.has(constant))) return;
      const own = operator.roles[inputName(operator.inputs, index) ?? ''];
      const role = own ?? (isMask(constant) ? undefined : biasOf(node, index, producers));
      const known = roles.get(constant);
      if (role && (!known || rank.indexOf(role) < rank.indexOf(known))) roles.set(constant, role);
    });
  }
  for (const constant of computedWeights(plan))
    if (!roles.has(constant) && !grids.has(constant)) roles.set(constant, 'unmapped');
  return new Map(
    [...plan.constants].flatMap(([name, constant]) => {
      const role = roles.get(constant);
      const grid = grids.get(constant);
      const { shape, values } = constant;
      const isStatistic = role === 'mean' || role === 'variance';
      // Statistics follow the batches in steps smaller than those of codes.
      if (!role || (grid && isStatistic) || plan.isInside(name)) return [];
      const learned = { role, crossbar: role === 'weight', trainable: !isStatistic };
      const floats = values as Float32Array;
      if (!grid) return [[name, { name, shape, values: floats, ...learned }]];
      const unrounded = grid.quantized === undefined ? {} : { unrounded: floats };
      const codes = grid.quantized === undefined ? values : nearestCodes(floats, shape, grid);
      return [
        [name, { name, shape, values: gridValues(codes, shape, grid), grid, ...unrounded, ...learned }],
      ];
    }),
  );
}

/** The value from which only operators that a parameter may pass lead to this one. */
export function originOf(name: string, producers: Producers): string {
  return origin(name, producers, passing);
}

/** What is stored behind a DequantizeLinear: codes, or what is quantized before. */
function behindCodes(name: string, producers: Producers): string {
  const codes = behind(name, 'DequantizeLinear', producers);
  return codes === undefined ? name : (behind(codes, 'QuantizeLinear', producers) ?? codes);
}

/** What an operator made the value of, if it was that operator. */
function behind(name: string, opType: string, producers: Producers): string | undefined {
  const maker = producers.get(name);
  return maker?.opType === opType ? sourceOf(maker.inputs[0] ?? '', producers) : undefined;
}

function biasOf(node: Node, index: number, producers: Producers): ParameterRole | undefined {
  if (node.opType !== 'Add') return undefined;
  const other = producers.get(node.inputs[1 - index] ?? '');
  return other && biased.has(other.opType) ? 'bias' : undefined;
}

/** What is added where it is to count for nothing, as in attention: zeros, and numbers so large that only a mask has them. */
function isMask({ values }: ConstantValue): boolean {
  const least = -1e4;
  return (
    values.some((value: number) => value <= least) &&
    values.every((value: number) => value === 0 || value <= least)
  );
}
