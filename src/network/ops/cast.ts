/**
 * Changes of type (ONNX: Cast, CastLike). Values are float32, int32 or bool: every ONNX type is kept in the nearest of them.
 */
import type * as tf from '@tensorflow/tfjs';
import { narrowed } from '../../compile/kernels/narrow.js';
import { DataType } from '../../onnx/model.js';
import { dataTypeName } from '../../onnx/tensor.js';
import { int, string } from '../attributes.js';
import { convertCodes } from '../codes.js';
import { dtypeOf } from '../constants.js';
import { isWideUnsigned, wrapAround } from '../integers.js';
import { defineOperator, type Refusal, UnsupportedForm } from '../operator.js';
import { withoutGradient } from '../withoutGradient.js';

const hint = 'understood: float types but float8, signed integers, unsigned ones of up to 16 bits, bool';

/** Only conversions to float8 look at them. */
const float8Attributes = {
  saturate: int(1, { since: 19 }),
  round_mode: string('up', { since: 24 }),
};

function understood(elementType: number): boolean {
  return dtypeOf(elementType) !== undefined && !isWideUnsigned(elementType);
}

/** output = input in the type `to`: integers are cut towards zero and wrap around, true is what is not 0. */
export const Cast = defineOperator({
  type: 'Cast',
  since: [6, 9, 13, 19, 21, 23, 24, 25],
  inputs: ['input'],
  attributes: { to: int(DataType.FLOAT, { required: true }), ...float8Attributes },
  check: ({ to }): Refusal[] =>
    understood(to) ? [] : [{ what: `attribute "to" = ${to} is not supported`, hint }],
  elementTypes: (_, { to }) => [to],
  evaluate: ({ input }, { to }, at) => castTo(input, at.elementType('input')!, to),
  gradient: 'yes',
});

/** output = input in the type of target_type, as by Cast. */
export const CastLike = defineOperator({
  type: 'CastLike',
  since: [15, 19, 21, 23, 24, 25],
  inputs: ['input', 'target_type'],
  attributes: float8Attributes,
  elementTypes: (of) => [of('target_type')],
  evaluate({ input }, _, at) {
    const to = at.elementType('target_type')!;
    if (!understood(to)) throw new UnsupportedForm(`a cast to ${dataTypeName(to)}`, hint);
    return castTo(input, at.elementType('input')!, to);
  },
  gradient: 'yes',
});

const toInteger = (dtype: 'int32' | 'bool') => withoutGradient((x) => x!.cast(dtype));

/** The tensor in another type. float16 and bfloat16 are rounded to, so that a cast forth and back loses what it loses elsewhere. */
function castTo(x: tf.Tensor, from: number, to: number): tf.Tensor {
  const codes = convertCodes(x, from, to);
  if (codes) return codes;
  const dtype = dtypeOf(to)!;
  if (dtype === 'float32') {
    const isShort = to === DataType.FLOAT16 || to === DataType.BFLOAT16;
    return isShort && from !== to ? narrowed(x.cast('float32'), to) : x.cast('float32');
  }
  return wrapAround(toInteger(dtype)(x), to);
}
