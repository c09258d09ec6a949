/**
 * Convolutions and matrix products of codes (ONNX: QLinearConv, ConvInteger, QLinearMatMul, MatMulInteger): the zero points
 * are taken off, the product is that of floats, and QLinear forms scale and round it to codes again. Sums are exact up to
 * 2^24, and beyond to float32's precision.
 */
import type * as tf from '@tensorflow/tfjs';
import { codeRanges } from '../../onnx/codes.js';
import { DataType } from '../../onnx/model.js';
import { int, ints } from '../attributes.js';
import { roundThrough } from '../codes.js';
import { windowAttributes, windowRefusals } from '../geometry.js';
import { defineOperator, type Evaluation, UnsupportedForm } from '../operator.js';
import { spread } from '../spread.js';
import { Conv } from './convolution.js';
import { MatMul } from './matrix.js';

const convolutionAttributes = { ...windowAttributes, kernel_shape: ints(), dilations: ints(), group: int(1) };
const perOutputChannel = { axis: 0, block_size: 0 };

function without(zeroPoint: tf.Tensor | undefined, codes: tf.Tensor): tf.Tensor {
  return zeroPoint ? codes.cast('float32').sub(zeroPoint.cast('float32')) : codes.cast('float32');
}

function perChannel(values: tf.Tensor | undefined, w: tf.Tensor): tf.Tensor | undefined {
  return values && spread(values, w.shape, perOutputChannel);
}

/** round(x * factor) + zero point, saturated to the type of the zero point. */
function requantized(x: tf.Tensor, factor: tf.Tensor, zeroPoint: tf.Tensor, at: Evaluation): tf.Tensor {
  const type = at.elementType('y_zero_point')!;
  const range = codeRanges.get(type);
  if (!range) throw new UnsupportedForm(`codes of data type ${type}`, 'understood: int8 and uint8');
  return roundThrough(x.mul(factor))
    .add(scalar(zeroPoint.cast('float32')))
    .clipByValue(...range);
}

/** A vector of one number is a number, as onnxruntime takes it. */
function scalar(values: tf.Tensor): tf.Tensor {
  return values.size === 1 ? values.reshape([]) : values;
}

/** Scales or zero points of the rows of `a`: a vector, or a stack of columns. */
function ofRows(values: tf.Tensor): tf.Tensor {
  return values.rank === 1 && values.size > 1 ? values.expandDims(1) : scalar(values);
}

/** y = saturate(round((conv(x - x_zero_point, w - w_zero_point) + B) * x_scale * w_scale / y_scale) + y_zero_point) */
export const QLinearConv = defineOperator({
  type: 'QLinearConv',
  since: [10],
  inputs: ['x', 'x_scale', 'x_zero_point', 'w', 'w_scale', 'w_zero_point', 'y_scale', 'y_zero_point', 'B?'],
  roles: { w: 'weight', B: 'bias' },
  attributes: convolutionAttributes,
  check: windowRefusals,
  elementTypes: (of) => [of('y_zero_point')],
  evaluate({ x, w, B, ...of }, attributes, at) {
    const X = without(scalar(of.x_zero_point), x);
    const W = without(perChannel(of.w_zero_point, w), w);
    const [sums] = Conv.evaluate([X, W, B?.cast('float32')], attributes, at);
    const scale = spread(of.w_scale, [w.shape[0]!, ...Array<number>(w.rank - 2).fill(1)], perOutputChannel);
    const factor = scale.mul(scalar(of.x_scale)).div(scalar(of.y_scale));
    return requantized(sums!, factor, of.y_zero_point, at);
  },
  gradient: 'straight-through',
});

/** y = conv(x - x_zero_point, w - w_zero_point) */
export const ConvInteger = defineOperator({
  type: 'ConvInteger',
  since: [10],
  inputs: ['x', 'w', 'x_zero_point?', 'w_zero_point?'],
  roles: { w: 'weight' },
  attributes: convolutionAttributes,
  check: windowRefusals,
  elementTypes: () => [DataType.INT32],
  evaluate({ x, w, x_zero_point, w_zero_point }, attributes, at) {
    const X = without(x_zero_point && scalar(x_zero_point), x);
    return Conv.evaluate([X, without(perChannel(w_zero_point, w), w)], attributes, at);
  },
  gradient: 'straight-through',
});

/** y = saturate(round((a - a_zero_point)(b - b_zero_point) * a_scale * b_scale / y_scale) + y_zero_point) */
export const QLinearMatMul = defineOperator({
  type: 'QLinearMatMul',
  since: [10, 21],
  inputs: ['a', 'a_scale', 'a_zero_point', 'b', 'b_scale', 'b_zero_point', 'y_scale', 'y_zero_point'],
  roles: { a: 'weight', b: 'weight' },
  elementTypes: (of) => [of('y_zero_point')],
  evaluate({ a, b, ...of }, _, at) {
    const A = without(ofRows(of.a_zero_point), a);
    const B = without(scalar(of.b_zero_point), b);
    const [products] = MatMul.evaluate([A, B], {}, at);
    const factor = ofRows(of.a_scale).mul(scalar(of.b_scale)).div(scalar(of.y_scale));
    return requantized(products!, factor, of.y_zero_point, at);
  },
  gradient: 'straight-through',
});

/** Y = (A - a_zero_point)(B - b_zero_point) */
export const MatMulInteger = defineOperator({
  type: 'MatMulInteger',
  since: [10],
  inputs: ['A', 'B', 'a_zero_point?', 'b_zero_point?'],
  roles: { B: 'weight' },
  elementTypes: () => [DataType.INT32],
  evaluate({ A, B, a_zero_point, b_zero_point }, _, at) {
    const left = without(a_zero_point && ofRows(a_zero_point), A);
    return MatMul.evaluate([left, without(b_zero_point && scalar(b_zero_point), B)], {}, at);
  },
  gradient: 'straight-through',
});
