/**
 * QuantizeLinear and DequantizeLinear, computed in float32: codes are whole numbers.
 * Rounding has the gradient of the identity within the range of the codes (straight-through, arXiv:1308.3432).
 */
import * as tf from '@tensorflow/tfjs';
import { DataType } from '../../onnx/model.js';
import { int } from '../attributes.js';
import { axisOf } from '../axes.js';
import { defineOperator, UnsupportedForm } from '../operator.js';

const codeRanges: ReadonlyMap<number, readonly [number, number]> = new Map([
  [DataType.INT8, [-128, 127]],
  [DataType.UINT8, [0, 255]],
  [DataType.INT16, [-32768, 32767]],
  [DataType.UINT16, [0, 65535]],
  [DataType.INT4, [-8, 7]],
  [DataType.UINT4, [0, 15]],
]);

const quantizationAttributes = {
  axis: int(1, { since: 13 }),
  block_size: int(0, { since: 21, only: [0] }),
};

export const QuantizeLinear = defineOperator({
  type: 'QuantizeLinear',
  since: [10, 13, 19, 21, 23, 24, 25],
  inputs: ['x', 'y_scale', 'y_zero_point?'],
  attributes: {
    ...quantizationAttributes,
    // Only float8 codes look at it.
    saturate: int(1, { since: 19 }),
    output_dtype: int(0, { since: 21, only: [0, ...codeRanges.keys()] }),
    precision: int(0, { since: 23, only: [0, DataType.FLOAT] }),
  },
  elementTypes: (of, { output_dtype }) => [of('y_zero_point') ?? (output_dtype || DataType.UINT8)],
  evaluate({ x, y_scale, y_zero_point }, { axis, output_dtype }, at) {
    const given = y_zero_point && at.elementType('y_zero_point');
    if (y_zero_point && given === undefined) throw new UnsupportedForm('a zero point that is computed');
    const range = codeRanges.get(given ?? (output_dtype || DataType.UINT8));
    if (!range)
      throw new UnsupportedForm(
        `codes of data type ${given}`,
        'understood: int4, int8, int16 and their unsigned forms',
      );
    const scaled = x.div(alongAxis(y_scale, x, axis));
    const zero = y_zero_point && alongAxis(y_zero_point.cast('float32'), x, axis);
    const codes = roundThrough(scaled);
    return (zero ? codes.add(zero) : codes).clipByValue(...range);
  },
  gradient: 'straight-through',
  examples: [
    { inputs: [[2, 3], { shape: [], between: [0.05, 0.06] }, { bytes: 'int8', shape: [] }] },
    {
      inputs: [[2, 3, 2], { shape: [3], between: [0.05, 0.1] }, { bytes: 'uint8', shape: [3] }],
      attributes: { axis: 1 },
      opset: 13,
    },
    { inputs: [[2, 3], { shape: [], between: [0.05, 0.06] }], opset: 10 },
  ],
});

export const DequantizeLinear = defineOperator({
  type: 'DequantizeLinear',
  since: [10, 13, 19, 21, 23, 24, 25],
  inputs: ['x', 'x_scale', 'x_zero_point?'],
  attributes: { ...quantizationAttributes, output_dtype: int(0, { since: 23, only: [0, DataType.FLOAT] }) },
  elementTypes: (of, { output_dtype }) => [output_dtype || of('x_scale')],
  evaluate({ x, x_scale, x_zero_point }, { axis }) {
    const codes = x.cast('float32');
    const zero = x_zero_point && alongAxis(x_zero_point.cast('float32'), x, axis);
    return (zero ? codes.sub(zero) : codes).mul(alongAxis(x_scale, x, axis));
  },
  gradient: 'straight-through',
  examples: [
    {
      inputs: [
        { bytes: 'int8', shape: [2, 3] },
        { shape: [], between: [0.05, 0.06] },
        { bytes: 'int8', shape: [] },
      ],
    },
    {
      inputs: [
        { bytes: 'uint8', shape: [2, 3] },
        { shape: [2], between: [0.05, 0.1] },
        { bytes: 'uint8', shape: [2] },
      ],
      attributes: { axis: 0 },
      opset: 13,
    },
  ],
});

/** One value for the tensor, or one for each position along an axis. */
function alongAxis(vector: tf.Tensor, x: tf.Tensor, axis: number): tf.Tensor {
  if (vector.size === 1) return vector.reshape([]);
  const along = axisOf(axis, x.rank);
  return vector.reshape(x.shape.map((extent, i) => (i === along ? extent : 1)));
}

const roundThrough = tf.customGrad((x) => ({
  value: (x as tf.Tensor).round(),
  gradFunc: (dy: tf.Tensor) => dy,
})) as (x: tf.Tensor) => tf.Tensor;
