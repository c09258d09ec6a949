/**
 * Constants (ONNX: Constant, ConstantOfShape). Values are float32, int32 or bool: every ONNX type is kept in the nearest of
 * them.
 */
import * as tf from '@tensorflow/tfjs';
import { DataType } from '../../onnx/model.js';
import { float, floats, int, ints, tensor } from '../attributes.js';
import { integers } from '../axes.js';
import { constantTensor } from '../constants.js';
import { defineOperator } from '../operator.js';

/** output = the value of the one attribute that is given. */
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
});

/** output[i] = value, 0 by default, in the shape that the input lists. */
export const ConstantOfShape = defineOperator({
  type: 'ConstantOfShape',
  since: [9, 20, 21, 23, 24, 25],
  inputs: ['input'],
  structural: ['input'],
  attributes: { value: tensor() },
  elementTypes: (_, { value }) => [value?.dataType ?? DataType.FLOAT],
  evaluate({ input }, { value }) {
    const shape = integers(input);
    // Not tf.zeros, which makes them at once: a recorded fill is made where it is used.
    if (!value) return tf.fill(shape, 0, 'float32');
    const { dtype, values } = constantTensor(value);
    return tf.fill(shape, values[0]!, dtype);
  },
  gradient: 'no',
});
