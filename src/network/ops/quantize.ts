/**
 * QuantizeLinear, DequantizeLinear and DynamicQuantizeLinear (ONNX), computed in float32: codes are whole numbers
 * (codes.ts).
 */
import * as tf from '@tensorflow/tfjs';
import { narrowed } from '../../compile/kernels/narrow.js';
import { codeRanges } from '../../onnx/codes.js';
import { DataType } from '../../onnx/model.js';
import { int } from '../attributes.js';
import { roundThrough } from '../codes.js';
import { defineOperator, UnsupportedForm } from '../operator.js';
import { spread } from '../spread.js';
import { withoutGradient } from '../withoutGradient.js';

const granularity = {
  axis: int(1, { since: 13 }),
  block_size: int(0, { since: 21 }),
};
const narrowFloats: readonly number[] = [DataType.FLOAT16, DataType.BFLOAT16];
const blockRefusals = ({ block_size }: { block_size: number }) =>
  block_size < 0 ? [{ what: `block_size ${block_size} is negative` }] : [];

/** Before opset 13 there was one scale for all. */
function checkScale(scale: tf.Tensor, opset: number): void {
  if (opset < 13 && scale.size > 1)
    throw new UnsupportedForm(`${scale.size} scales`, 'scales along an axis exist from opset 13');
}

/**
 * y = saturate(round(x / y_scale) + y_zero_point), halves to even; one scale for all, for each index of `axis`, or for each
 * block.
 */
export const QuantizeLinear = defineOperator({
  type: 'QuantizeLinear',
  since: [10, 13, 19, 21, 23, 24, 25],
  inputs: ['x', 'y_scale', 'y_zero_point?'],
  attributes: {
    ...granularity,
    // Only float8 codes look at it.
    saturate: int(1, { since: 19 }),
    output_dtype: int(0, { since: 21, only: [0, ...codeRanges.keys()] }),
    precision: int(0, { since: 23, only: [0, DataType.FLOAT, ...narrowFloats] }),
  },
  check: blockRefusals,
  elementTypes: (of, { output_dtype }) => [of('y_zero_point') ?? (output_dtype || DataType.UINT8)],
  evaluate({ x, y_scale, y_zero_point }, attributes, at) {
    const { output_dtype } = attributes;
    const given = at.elementType('y_zero_point');
    if (given !== undefined && output_dtype !== 0 && given !== output_dtype)
      throw new UnsupportedForm(`output_dtype ${output_dtype} with a zero point of data type ${given}`);
    const range = codeRanges.get(given ?? (output_dtype || DataType.UINT8));
    if (!range)
      throw new UnsupportedForm(
        `codes of data type ${given}`,
        'understood: int2, int4, int8, int16 and their unsigned forms',
      );
    checkScale(y_scale, at.opset);
    const scale = spread(y_scale.cast('float32'), x.shape, attributes);
    const precision = attributes.precision || at.elementType('y_scale')!;
    const codes = roundThrough(quotient(x.cast('float32'), scale, precision));
    const zero = y_zero_point && spread(y_zero_point.cast('float32'), x.shape, attributes);
    return (zero ? codes.add(zero) : codes).clipByValue(...range);
  },
  gradient: 'straight-through',
});

/** The division is made in the given type: operands and result are rounded to it. */
function quotient(x: tf.Tensor, scale: tf.Tensor, precision: number): tf.Tensor {
  if (!narrowFloats.includes(precision)) return x.div(scale);
  return narrowed(narrowed(x, precision).div(narrowed(scale, precision)), precision);
}

/** y = (x - x_zero_point) * x_scale */
export const DequantizeLinear = defineOperator({
  type: 'DequantizeLinear',
  since: [10, 13, 19, 21, 23, 24, 25],
  inputs: ['x', 'x_scale', 'x_zero_point?'],
  attributes: {
    ...granularity,
    output_dtype: int(0, { since: 23, only: [0, DataType.FLOAT, ...narrowFloats] }),
  },
  check: blockRefusals,
  elementTypes: (of, { output_dtype }) => [output_dtype || of('x_scale')],
  evaluate({ x, x_scale, x_zero_point }, attributes, { opset }) {
    checkScale(x_scale, opset);
    const codes = x.cast('float32');
    const zero = x_zero_point && spread(x_zero_point.cast('float32'), x.shape, attributes);
    return (zero ? codes.sub(zero) : codes).mul(spread(x_scale, x.shape, attributes));
  },
  gradient: 'straight-through',
});

const isZero = withoutGradient((x) => x!.equal(0));

/**
 * With low = min(0, min x) and high = max(0, max x): y_scale = (high - low) / 255,
 * y_zero_point = round(saturate(-low / y_scale)), y = saturate(round(x / y_scale) + y_zero_point).
 */
export const DynamicQuantizeLinear = defineOperator({
  type: 'DynamicQuantizeLinear',
  since: [11],
  inputs: ['x'],
  outputs: 3,
  elementTypes: () => [DataType.UINT8, DataType.FLOAT, DataType.UINT8],
  evaluate({ x }) {
    const range = codeRanges.get(DataType.UINT8)!;
    const low = tf.minimum(x.min(), 0);
    const width = tf.maximum(x.max(), 0).sub(low);
    // Zeros only: onnxruntime's scale, where the formula of the specification would divide by zero.
    const scale = tf.where(isZero(width), tf.onesLike(width), width.div(range[1]));
    const zero = roundThrough(
      low
        .neg()
        .div(scale)
        .clipByValue(...range),
    );
    return [
      roundThrough(x.div(scale))
        .add(zero)
        .clipByValue(...range),
      scale,
      zero,
    ];
  },
  gradient: 'straight-through',
});
