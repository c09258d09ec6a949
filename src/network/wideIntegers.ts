/**
 * Integers that the file computes in 64 bits, or in 32 without a sign, are kept in 32 bits with one. Where a result may go beyond
 * these, its low bits are kept, and whatever depends on the rest is refused: arithmetic, comparisons, casts to floats, outputs.
 * Indices may: what is beyond int32 is beyond every axis. Ranges are those of the values themselves where they are known, else
 * intervals; an integer input of 64 bits, and what is cast from floats, are taken to hold values of up to 30 bits. What is cast
 * back to floats is right in any case: such values are computed in float32 beside.
 */

import * as tf from '@tensorflow/tfjs';
import { UnknownValue } from '../compile/index.js';
import { int32 } from '../int32.js';
import { zip } from '../lists/zip.js';
import { codeRanges } from '../onnx/codes.js';
import { DataType } from '../onnx/model.js';
import { dataTypeName } from '../onnx/tensor.js';
import type { Flow } from './control/flow.js';
import { type Interval, rules, within } from './integerRanges.js';
import { type Evaluation, inputName, UnsupportedForm } from './operator.js';
import type { PlannedNode } from './plan.js';

/** Values from outside: room for a sum with a constant, none for a product. */
const ofInputs: Interval = [-(2 ** 30), 2 ** 30 - 1];
const ofInt32: Interval = [int32.lowest, int32.highest];
/** float32 tells whether a result is beyond int32 up to its rounding. */
const clearlyInside = int32.highest - 2 ** 12;
/** Elements up to which known values are looked at. */
const mostLookedAt = 2 ** 16;

const wideTypes: readonly number[] = [DataType.INT64, DataType.UINT64, DataType.UINT32];

const isBeyond = ([low, high]: Interval) => low < ofInt32[0] || high > ofInt32[1];
const unite = (ranges: readonly Interval[]): Interval => [
  ranges.reduce((least, [low]) => Math.min(least, low), Number.POSITIVE_INFINITY),
  ranges.reduce((most, [, high]) => Math.max(most, high), Number.NEGATIVE_INFINITY),
];

type Width = Pick<Flow, 'range' | 'approximate' | 'stored'>;

/** Of a value made of several, as `join` makes it. */
export function eitherWidth(flows: readonly Flow[], join: (floats: tf.Tensor[]) => tf.Tensor): Width {
  if (flows[0]?.tensor.dtype !== 'int32') return {};
  return {
    range: unite(flows.map(rangeOf)),
    ...(flows.some(({ approximate }) => approximate) && { approximate: () => join(flows.map(floatsOf)) }),
    stored: flows.some(({ stored }) => stored),
  };
}

function floatsOf({ tensor, approximate }: Flow): tf.Tensor {
  return approximate?.() ?? tensor.cast('float32');
}

/** The values if they are at hand; undefined where only the data tell. */
function knownValues(tensor: tf.Tensor): ArrayLike<number> | undefined {
  if (tensor.size > mostLookedAt) return undefined;
  try {
    return tensor.dataSync();
  } catch (cause) {
    if (cause instanceof UnknownValue) return undefined;
    throw cause;
  }
}

function rangeOf({ tensor, elementType, range }: Flow): Interval {
  if (range) return range;
  if (tensor.dtype === 'bool') return [0, 1];
  const values = knownValues(tensor);
  if (values) return valueRange(values);
  return wideTypes.includes(elementType) ? ofInputs : (codeRanges.get(elementType) ?? ofInt32);
}

function valueRange(values: ArrayLike<number>): Interval {
  let [low, high] = [0, 0];
  for (const value of Array.from(values)) {
    low = Math.min(low, value);
    high = Math.max(high, value);
  }
  return [low, high];
}

/** These hand on values of operands at the given positions (default: the first), whatever the others say. */
const handOn: ReadonlyMap<string, readonly number[] | 'all'> = new Map<string, readonly number[] | 'all'>([
  ...(
    'Identity Reshape Flatten Squeeze Unsqueeze Transpose Slice Split Expand Tile Gather GatherElements GatherND ' +
    'DepthToSpace SpaceToDepth Compress ReverseSequence Trilu Shape Size'
  )
    .split(' ')
    .map((type) => [type, [0]] as const),
  ['Concat', 'all'],
  ['Where', [1, 2]],
  ['Pad', [0, 2]],
  ['ScatterElements', [0, 2]],
  ['Scatter', [0, 2]],
  ['ScatterND', [0, 2]],
  ['OneHot', [2]],
]);
/** Exact where an operand beyond int32 was stored so: its end of int32 stands on the same side of everything that is inside. */
const monotone = new Set(
  'Min Max Clip Less LessOrEqual Greater GreaterOrEqual ReduceMin ReduceMax'.split(' '),
);

function isHandedOn({ node }: PlannedNode, position: number): boolean {
  const positions = handOn.get(node.opType);
  return positions === 'all' || (positions?.includes(position) ?? false);
}

/** Throws UnsupportedForm for an operand that may be beyond int32 where the node looks at all of its bits. */
export function refuseWide(planned: PlannedNode, operands: readonly (Flow | undefined)[]): void {
  const { node, operator, attributes } = planned;
  operands.forEach((operand, position) => {
    if (!operand || !isWide(operand)) return;
    const { stored } = operand;
    const structural = operator.structural.includes(inputName(operator.inputs, position) ?? '');
    // Data in the place of a shape are refused as such.
    if (structural && ((stored && node.opType === 'Slice') || !knownValues(operand.tensor))) return;
    if (!structural && (isHandedOn(planned, position) || isIndex(planned, position))) return;
    if (stored && monotone.has(node.opType)) return;
    if (node.opType === 'Cast' && keepsValues(attributes.to as number, stored)) return;
    throw new UnsupportedForm(
      `"${node.inputs[position]}" ${stored ? 'stores' : 'may compute'} ${dataTypeName(operand.elementType)} values beyond int32, in which integers are kept`,
      'compute in float from the start, or keep the values within 31 bits',
    );
  });
}

function isWide({ range, tensor }: Flow): boolean {
  return range !== undefined && tensor.dtype === 'int32' && isBeyond(range);
}

/** A cast to floats of integers that may be beyond int32: exact within, rounded once more beyond. */
export function wideAsFloats(
  { node, attributes }: PlannedNode,
  operands: readonly (Flow | undefined)[],
): tf.Tensor[] | undefined {
  const [operand] = operands;
  if (node.opType !== 'Cast' || !operand?.approximate) return undefined;
  if (attributes.to !== DataType.FLOAT && attributes.to !== DataType.DOUBLE) return undefined;
  const floats = floatsOf(operand);
  const inside = floats.abs().less(clearlyInside);
  return [tf.where(inside, operand.tensor.cast('float32'), floats)];
}

/** Ends of int32 in place of what is beyond; undefined if nothing may be. */
export function saturated(flow: Flow): Flow | undefined {
  if (!flow.approximate || flow.stored || flow.tensor.dtype !== 'int32') return undefined;
  const floats = floatsOf(flow);
  const inside = floats.abs().less(clearlyInside);
  const end = (value: number) => tf.fill(flow.tensor.shape, value, 'int32');
  const ends = tf.where(floats.less(0), end(ofInt32[0]), end(ofInt32[1]));
  return { ...flow, tensor: tf.where(inside, flow.tensor, ends) };
}

/** Sums and products of low bits are the low bits of sums and products, and so are those of what is handed on. */
function followed({ node }: PlannedNode): boolean {
  return (
    handOn.has(node.opType) ||
    /^(Add|Sub|Mul|Sum|Neg|ReduceSum|ReduceProd|CumSum|CumProd|MatMul)$/.test(node.opType)
  );
}

/** What an axis is indexed with: the other operands of what hands on. */
function isIndex({ node }: PlannedNode, position: number): boolean {
  return /^(Gather|Scatter)/.test(node.opType) && position === 1;
}

function keepsValues(to: number, stored: boolean | undefined): boolean {
  if (to === DataType.FLOAT || to === DataType.DOUBLE) return true;
  return !stored && (to === DataType.INT32 || wideTypes.includes(to));
}

/**
 * The range of a result, if it holds integers that int32 may not.
 * @param shadow computes the node of these operands once more, in float32, which rounds but does not wrap
 */
export function widthOf(
  planned: PlannedNode,
  operands: readonly (Flow | undefined)[],
  result: Pick<Flow, 'tensor' | 'elementType'>,
  shadow: () => tf.Tensor | undefined,
): Width {
  const range = rangeOfResult(planned, operands, result, shadow);
  const [operand] = operands;
  const isCast = planned.node.opType.startsWith('Cast') && operand?.tensor.dtype === 'float32';
  const isOpen = isCast && !knownValues(operand.tensor);
  const follows = followed(planned) && operands.some((flow) => flow?.approximate);
  if (!range || !(isBeyond(range) || isOpen || follows)) return { range };
  const stored = operands.some((operand) => operand?.stored);
  const approximate = () => {
    const floats = shadow();
    if (!floats) throw new Error(`${planned.label} gives nothing when it is computed in floats`);
    return floats;
  };
  return { range, approximate, stored };
}

function rangeOfResult(
  planned: PlannedNode,
  operands: readonly (Flow | undefined)[],
  { tensor, elementType }: Pick<Flow, 'tensor' | 'elementType'>,
  shadow: () => tf.Tensor | undefined,
): Interval | undefined {
  if (tensor.dtype !== 'int32') return undefined;
  const { opType } = planned.node;
  const integers = operands.filter((flow) => flow !== undefined && flow.tensor.dtype !== 'float32') as Flow[];
  const handed = operands.filter((flow, i) => flow !== undefined && isHandedOn(planned, i)) as Flow[];
  const range = ((): Interval | undefined => {
    if (handed.length > 0 && handOn.has(opType)) {
      if (opType === 'Shape' || opType === 'Size') return undefined;
      const padded: Interval[] = opType === 'Pad' || opType === 'Trilu' ? [[0, 0]] : [];
      if (reducesInto(planned)) return knownOf(tensor, planned, operands, shadow) ?? within(Infinity);
      return unite([...handed.map(rangeOf), ...padded]);
    }
    const [operand] = operands;
    if (operand && (opType === 'Cast' || opType === 'CastLike')) return castRange(operand, tensor);
    const rule = Object.hasOwn(rules, opType) ? rules[opType] : undefined;
    if (!rule) {
      // Positions, counts, choices: no larger than what is counted or chosen from.
      const sizes = operands.map((flow) => flow?.tensor.size ?? 0);
      return unite([...integers.map(rangeOf), [-1, Math.max(1, tensor.size, ...sizes)]]);
    }
    const exact = knownOf(tensor, planned, operands, shadow);
    if (exact) return exact;
    const count = Math.max(1, countOf(opType, operands, tensor));
    return rule(integers.map(rangeOf), count);
  })();
  if (!range || wideTypes.includes(elementType)) return range;
  return isBeyond(range) ? undefined : range;
}

function reducesInto({ attributes }: PlannedNode): boolean {
  return attributes.reduction === 'add' || attributes.reduction === 'mul';
}

function castRange(operand: Flow, result: tf.Tensor): Interval {
  if (operand.tensor.dtype !== 'float32') return rangeOf(operand);
  const values = knownValues(operand.tensor);
  if (values) return valueRange(Array.from(values, Math.trunc));
  return result.size === 0 ? [0, 0] : ofInputs;
}

/** How many products or terms go into one element. */
function countOf(opType: string, operands: readonly (Flow | undefined)[], result: tf.Tensor): number {
  if (opType === 'Einsum' || opType === 'Det')
    return Math.max(...operands.map((flow) => flow?.tensor.size ?? 1));
  const { shape, size } = operands[0]?.tensor ?? result;
  if (opType === 'MatMul') return shape.at(-1) ?? 1;
  if (opType.startsWith('Cum')) return Math.max(1, ...shape);
  return size / Math.max(1, result.size);
}

/** By the values, where all are known. */
function knownOf(
  result: tf.Tensor,
  planned: PlannedNode,
  operands: readonly (Flow | undefined)[],
  shadow: () => tf.Tensor | undefined,
): Interval | undefined {
  if (operands.some((flow) => flow && !knownValues(flow.tensor))) return undefined;
  const values = knownValues(result);
  const floats = values && shadow();
  const wanted = floats && knownValues(floats);
  if (!values || !wanted || planned.operator.flow) return undefined;
  for (const [value, right] of zip(values, wanted)) {
    const size = Math.abs(right);
    if (!(size < clearlyInside) || Math.abs(value - right) > 1 + 1e-5 * size)
      return within(Math.max(2 ** 32, size));
  }
  return valueRange(values);
}

/** The node computed of floats: operands that are shapes or axes stay. */
export function inFloats(
  planned: PlannedNode,
  operands: readonly (Flow | undefined)[],
  at: Evaluation,
): tf.Tensor | undefined {
  const { node, operator, attributes } = planned;
  // What becomes an integer loses its fraction.
  const [operand] = operands;
  if (operand && (node.opType === 'Cast' || node.opType === 'CastLike')) {
    const x = floatsOf(operand);
    return x.abs().floor().mul(x.sign());
  }
  const tensors = operands.map((flow, position) => {
    const structural = operator.structural.includes(inputName(operator.inputs, position) ?? '');
    const isNumber = flow?.tensor.dtype === 'int32' && !structural && !isIndex(planned, position);
    return isNumber ? floatsOf(flow) : flow?.tensor;
  });
  const floats: Evaluation = { ...at, elementType: () => DataType.FLOAT, note() {}, resolved() {} };
  return operator.evaluate(tensors, attributes, floats)[0];
}
