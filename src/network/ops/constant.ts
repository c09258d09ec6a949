/** Constants, and changes of type. Values are float32, int32 or bool: every ONNX type is kept in the nearest of them. */
import * as tf from '@tensorflow/tfjs';
import { DataType } from '../../onnx/model.js';
import { makeTensor } from '../../onnx/tensor.js';
import { float, floats, int, ints, string, tensor } from '../attributes.js';
import { integers } from '../axes.js';
import { convertCodes } from '../codes.js';
import { constantTensor, dtypeOf } from '../constants.js';
import { defineOperator } from '../operator.js';
import { withoutGradient } from '../withoutGradient.js';

export const Constant = defineOperator({
  type: 'Constant',
  since: [1, 9, 11, 12, 13, 19, 21, 23, 24, 25],
  inputs: [],
  attributes: {
    value: tensor(),
    value_float: float(undefined, { since: 12 }),
    value_floats: floats(undefined, { since: 12 }),
    value_int: int(undefined, { since: 12 }),
    value_ints: ints(undefined, { since: 12 }),
  },
  // The network reads constants once, when it is built; they never come here.
  evaluate() {
    throw new Error('constants are no computation');
  },
  gradient: 'no',
  examples: [],
});

export const ConstantOfShape = defineOperator({
  type: 'ConstantOfShape',
  since: [9, 20, 21, 23, 24, 25],
  inputs: ['input'],
  structural: ['input'],
  attributes: { value: tensor() },
  elementTypes: (_, { value }) => [value?.dataType ?? DataType.FLOAT],
  evaluate({ input }, { value }) {
    const shape = integers(input);
    if (!value) return tf.zeros(shape);
    const { dtype, values } = constantTensor(value);
    return tf.fill(shape, values[0]!, dtype);
  },
  gradient: 'no',
  examples: [
    { inputs: [{ ints: [2, 3] }] },
    {
      inputs: [{ ints: [2] }],
      attributes: { value: { tensor: makeTensor('', DataType.INT64, [1], [7]) } },
      opset: 9,
    },
  ],
});

/** Ranges of the integer types that wrap around in ONNX while int32 does not. */
const narrowIntegers: ReadonlyMap<number, { bits: number; signed: boolean }> = new Map([
  [DataType.INT8, { bits: 8, signed: true }],
  [DataType.UINT8, { bits: 8, signed: false }],
  [DataType.INT16, { bits: 16, signed: true }],
  [DataType.UINT16, { bits: 16, signed: false }],
  [DataType.INT4, { bits: 4, signed: true }],
  [DataType.UINT4, { bits: 4, signed: false }],
  [DataType.INT2, { bits: 2, signed: true }],
  [DataType.UINT2, { bits: 2, signed: false }],
]);
/** Half of their values do not fit into int32. */
const wideIntegers: readonly number[] = [DataType.UINT32, DataType.UINT64];

export const Cast = defineOperator({
  type: 'Cast',
  since: [6, 9, 13, 19, 21, 23, 24, 25],
  inputs: ['input'],
  attributes: {
    to: int(DataType.FLOAT, { required: true }),
    // Only conversions to float8 look at it.
    saturate: int(1, { since: 19 }),
    round_mode: string('up', { since: 24 }),
  },
  check: ({ to }) =>
    dtypeOf(to) && !wideIntegers.includes(to)
      ? []
      : [
          {
            what: `attribute "to" = ${to} is not supported`,
            hint: 'understood: float types but float8, signed integers, uint4, uint8, uint16, bool',
          },
        ],
  elementTypes: (_, { to }) => [to],
  evaluate({ input }, { to }, at) {
    const codes = convertCodes(input, at.elementType('input')!, to);
    if (codes) return codes;
    const narrow = narrowIntegers.get(to);
    const dtype = dtypeOf(to)!;
    if (dtype === 'float32') return input.cast(dtype);
    const convert = withoutGradient((x) => (narrow ? wrap(x!.cast(dtype), narrow) : x!.cast(dtype)));
    return convert(input);
  },
  gradient: 'yes',
  examples: [
    { inputs: [[2, 3]], attributes: { to: DataType.FLOAT } },
    { inputs: [{ ints: [1, 0, 300] }], attributes: { to: DataType.FLOAT }, opset: 7 },
    { inputs: [{ ints: [-1, 0, 300, 128] }], attributes: { to: DataType.INT8 } },
    { inputs: [{ ints: [1, 0, 300] }], attributes: { to: DataType.BOOL } },
  ],
});

/** The low bits only, as a conversion in C keeps them. */
function wrap(x: tf.Tensor, { bits, signed }: { bits: number; signed: boolean }): tf.Tensor {
  const [size, shift] = [2 ** bits, signed ? 2 ** (bits - 1) : 0];
  return x.add(tf.scalar(shift, 'int32')).mod(tf.scalar(size, 'int32')).sub(tf.scalar(shift, 'int32'));
}
