/**
 * Stored codes behind a DequantizeLinear, and weights that pass QuantizeLinear first: the effective weights are
 * scale * (code - zeroPoint), per tensor, per axis or per block (ONNX DequantizeLinear, opsets 10 to 25).
 */
import { TemperError } from '../errors.js';
import { intAttribute } from '../onnx/attributes.js';
import { codeRanges, scaleIndex } from '../onnx/codes.js';
import { roundHalfEven } from '../onnx/floats.js';
import { DataType, type Node, type Tensor } from '../onnx/model.js';
import { tensorValues } from '../onnx/tensor.js';
import { type ChannelRange, codeRange } from './channels.js';
import type { Scope } from './scope.js';

/** The codes behind a dequantized weight. */
export interface StoredCodes {
  /** Name of the tensor of codes. */
  readonly name: string;
  /** Their type (DataType). */
  readonly type: number;
  readonly bits: number;
  readonly scales: Float32Array;
  readonly zeroPoints?: Int32Array;
  /** The axis the scales run along; absent: one scale. */
  readonly axis?: number;
  /** Neighbours along the axis that share a scale; absent: all with one index. */
  readonly blockSize?: number;
}

export interface Dequantized {
  /** Name of the tensor that is stored: codes, or weights that are quantized first. */
  readonly stored: string;
  readonly dims: readonly number[];
  readonly dataType: number;
  readonly codes?: StoredCodes;
  values(): Float32Array;
  /** How far the codes reach. */
  range(): ChannelRange | undefined;
  /** One object per stored tensor: other nodes may dequantize it too. */
  readonly key: object;
  /** What the codes stand for, as text: equal for equal weights. */
  grid(): string;
}

const integerBits: ReadonlyMap<number, number> = new Map([
  [DataType.INT8, 8],
  [DataType.UINT8, 8],
  [DataType.INT4, 4],
  [DataType.UINT4, 4],
  [DataType.INT2, 2],
  [DataType.UINT2, 2],
  [DataType.INT16, 16],
  [DataType.UINT16, 16],
  [DataType.INT32, 32],
]);

/** What a DequantizeLinear of stored codes, or of QuantizeLinear of stored weights, yields; undefined for any other. */
export function dequantized(node: Node, scope: Scope): Dequantized | undefined {
  const scaleTensor = scope.tensor(node.inputs[1]);
  if (!scaleTensor) return undefined;
  const origin = node.inputs[0] ? scope.find(node.inputs[0]) : undefined;
  const zeroTensor = scope.tensor(node.inputs[2]);
  const parameters = readParameters(node, scaleTensor, zeroTensor);
  if (origin?.kind === 'tensor') {
    const { tensor } = origin;
    const bits = integerBits.get(tensor.dataType);
    if (bits === undefined) return undefined;
    const { dims, dataType: type } = tensor;
    const axis = parameters.axisOf(dims);
    const grid = { ...parameters.shared, ...(axis !== undefined && { axis }) };
    const values = () => apply(numbers(tensor), dims, parameters);
    return {
      stored: tensor.name,
      dims,
      dataType: scaleTensor.dataType,
      codes: { name: tensor.name, type, bits, ...grid },
      values,
      range: () => codeRange(values(), dims, { type, ...grid }),
      key: origin,
      grid: () => gridText([scaleTensor.dataType], parameters, dims),
    };
  }
  return origin?.kind === 'node' && origin.node.opType === 'QuantizeLinear'
    ? requantized(origin.node, origin.scope, scaleTensor.dataType, zeroTensor, parameters)
    : undefined;
}

interface GridParameters {
  readonly shared: { scales: Float32Array; zeroPoints?: Int32Array; blockSize?: number };
  axisOf(dims: readonly number[]): number | undefined;
}

function readParameters(node: Node, scale: Tensor, zero: Tensor | undefined): GridParameters {
  const blockSize = intAttribute(node, 'block_size') ?? 0;
  const axis = intAttribute(node, 'axis') ?? 1;
  const perTensor =
    scale.dims.length === 0 || (scale.dims.length === 1 && scale.dims[0] === 1 && blockSize === 0);
  return {
    shared: {
      scales: Float32Array.from(numbers(scale)),
      ...(zero && { zeroPoints: Int32Array.from(numbers(zero)) }),
      ...(blockSize > 0 && { blockSize }),
    },
    axisOf: (dims) => (perTensor ? undefined : axis < 0 ? axis + dims.length : axis),
  };
}

function numbers(tensor: Tensor): ArrayLike<number> {
  return tensorValues(tensor) as ArrayLike<number>;
}

/** Which scale belongs to which element, after checking that there are as many as the shape asks for. */
function checkedIndex(
  dims: readonly number[],
  { shared, axisOf }: GridParameters,
): (element: number) => number {
  const { scales, zeroPoints, blockSize } = shared;
  const axis = axisOf(dims);
  const along = axis === undefined ? 1 : Math.ceil((dims[axis] ?? Number.NaN) / (blockSize ?? 1));
  const expected = blockSize
    ? dims.reduce((total, size, i) => total * (i === axis ? along : size), 1)
    : along;
  if (scales.length !== expected || (zeroPoints && zeroPoints.length !== expected)) {
    const what = `${scales.length} scales and ${zeroPoints?.length ?? 'no'} zero points do not fit weights [${dims.join(', ')}]`;
    throw new TemperError('model', { what, hint: 'the quantized model is damaged: export it anew' });
  }
  return scaleIndex(dims, axis, blockSize);
}

function apply(codes: ArrayLike<number>, dims: readonly number[], parameters: GridParameters): Float32Array {
  const index = checkedIndex(dims, parameters);
  const { scales, zeroPoints } = parameters.shared;
  const values = new Float32Array(codes.length);
  for (let i = 0; i < values.length; i++)
    values[i] = (codes[i]! - (zeroPoints?.[index(i)] ?? 0)) * scales[index(i)]!;
  return values;
}

/** Stored float weights -> QuantizeLinear -> DequantizeLinear, as "fake quantization" exporters leave them. */
function requantized(
  quantizer: Node,
  scope: Scope,
  dataType: number,
  zeroTensor: Tensor | undefined,
  parameters: GridParameters,
): Dequantized | undefined {
  const weights = scope.tensor(quantizer.inputs[0]);
  const scale = scope.tensor(quantizer.inputs[1]);
  const key = weights && scope.find(weights.name);
  if (!key || !scale || integerBits.has(weights.dataType)) return undefined;
  const zero = scope.tensor(quantizer.inputs[2]);
  const inner = readParameters(quantizer, scale, zero);
  // Without a zero point QuantizeLinear yields uint8.
  const type = (zero ?? zeroTensor)?.dataType ?? DataType.UINT8;
  const range = codeRanges.get(type);
  if (!range) return undefined;
  const [low, high] = range;
  const { dims } = weights;
  const values = () => {
    const index = checkedIndex(dims, inner);
    const { scales, zeroPoints } = inner.shared;
    const codes = Float64Array.from(numbers(weights), (weight, i) => {
      const code = roundHalfEven(Math.fround(weight / scales[index(i)]!)) + (zeroPoints?.[index(i)] ?? 0);
      return Math.min(high, Math.max(low, code));
    });
    return apply(codes, dims, parameters);
  };
  const axis = parameters.axisOf(dims);
  const grid = { type, ...parameters.shared, ...(axis !== undefined && { axis }) };
  return {
    stored: weights.name,
    dims,
    dataType,
    values,
    range: () => codeRange(values(), dims, grid),
    key,
    grid: () => [inner, parameters].map((own) => gridText([type, dataType], own, dims)).join(),
  };
}

function gridText(
  types: readonly number[],
  { shared, axisOf }: GridParameters,
  dims: readonly number[],
): string {
  const { scales, zeroPoints, blockSize } = shared;
  const zeros = zeroPoints?.every((zero) => zero === 0) ? undefined : zeroPoints;
  return JSON.stringify([types, axisOf(dims), blockSize, [...scales], zeros && [...zeros]]);
}
