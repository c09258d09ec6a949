/**
 * Whole numbers that carry a gradient. Quantizers yield their codes as float32 values, with ONNX's integer type beside
 * them (`elementType`), and round straight through: with the gradient of the identity (arXiv:1308.3432). Operators that
 * treat whole numbers as they treat floats let them pass; for others they become int32, which ends the gradient.
 */
import * as tf from '@tensorflow/tfjs';
import { codeRanges } from '../onnx/codes.js';
import { DataType } from '../onnx/model.js';
import { dtypeOf } from './constants.js';
import { withoutGradient } from './withoutGradient.js';

/** Operators that move, select or compare whole numbers, or read them as codes. */
const passing = new Set(
  `QuantizeLinear DequantizeLinear QLinearConv QLinearMatMul ConvInteger MatMulInteger
   Identity Dropout Cast Reshape Flatten Squeeze Unsqueeze Transpose Expand Tile Concat Split Slice Gather
   GatherElements GatherND Trilu ReverseSequence Pad Where DepthToSpace SpaceToDepth MaxPool GlobalMaxPool
   Relu Clip Max Min ReduceMax ReduceMin Equal Greater GreaterOrEqual Less LessOrEqual Shape Size`.split(
    /\s+/,
  ),
);
/** Those that compute with the sums of ConvInteger and MatMulInteger; smaller types would wrap around. */
const adding = new Set(['Add', 'Sub', 'Mul', 'Sum', 'ReduceSum', 'Neg']);

interface TypedOperand {
  readonly tensor: tf.Tensor;
  readonly elementType: number;
}

/** The operands as an operator is to see them: codes as they are, and stored ones beside them alike, or all as int32. */
export function operandsFor(
  opType: string,
  operands: readonly (TypedOperand | undefined)[],
): (tf.Tensor | undefined)[] {
  const flowing = operands.filter((operand) => operand !== undefined && isCodes(operand)) as TypedOperand[];
  return operands.map((operand) => {
    if (!operand || flowing.length === 0) return operand?.tensor;
    const { tensor, elementType } = operand;
    const pass = passing.has(opType) || (adding.has(opType) && elementType === DataType.INT32);
    if (isCodes(operand)) return pass ? tensor : toInteger(tensor);
    const beside = tensor.dtype === 'int32' && codeRanges.has(elementType);
    return pass && beside && flowing.some((other) => other.elementType === elementType)
      ? tensor.cast('float32')
      : tensor;
  });
}

function isCodes({ tensor, elementType }: TypedOperand): boolean {
  return tensor.dtype === 'float32' && dtypeOf(elementType) === 'int32';
}

/** Codes as another type (DataType) and with their gradient, if both are code types, int32 or float. Smaller types keep the low bits. */
export function convertCodes(codes: tf.Tensor, from: number, to: number): tf.Tensor | undefined {
  if (!isCodes({ tensor: codes, elementType: from })) return undefined;
  if (to === DataType.INT32 || dtypeOf(to) === 'float32') return codes;
  const range = codeRanges.get(to);
  if (!range) return undefined;
  const [low, high] = range;
  const [lowest, highest] = codeRanges.get(from) ?? [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  if (low <= lowest && highest <= high) return codes;
  const size = high - low + 1;
  return straightThrough((x) => x.sub(x.sub(low).div(size).floor().mul(size)))(codes);
}

const toInteger = withoutGradient((x) => x.cast('int32'));

/** To the nearest whole number, halves to the even one. */
export const roundThrough = straightThrough((x) => x.round());

/** A function with the gradient of the identity. */
function straightThrough(evaluate: (x: tf.Tensor) => tf.Tensor): (x: tf.Tensor) => tf.Tensor {
  return tf.customGrad((x) => ({
    value: evaluate(x as tf.Tensor),
    gradFunc: (dy: tf.Tensor) => dy,
  })) as (x: tf.Tensor) => tf.Tensor;
}
