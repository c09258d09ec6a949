/** Ranges of numbers (ONNX: Range). */
import * as tf from '@tensorflow/tfjs';
import { DataType } from '../../onnx/model.js';
import { integer } from '../axes.js';
import { positions } from '../extents.js';
import { defineOperator, UnsupportedForm } from '../operator.js';
import { stashType } from '../stashType.js';

/** output[i] = start + i * delta, up to the last one before limit. */
export const Range = defineOperator({
  type: 'Range',
  since: [11, 27],
  inputs: ['start', 'limit', 'delta'],
  structural: ['start', 'limit', 'delta'],
  attributes: { stash_type: stashType(27) },
  evaluate({ start, limit, delta }, _, at) {
    const [from, to, by] = [start, limit, delta].map((operand) => integer(operand)) as [
      number,
      number,
      number,
    ];
    if (by === 0) throw new UnsupportedForm('delta 0');
    const steps = (start.dtype === 'int32' ? to - from : Math.fround(to - from)) / by;
    const count = Math.max(0, Math.ceil(steps));
    if (at.elementType('start') === DataType.DOUBLE && isUncertain(steps))
      throw new UnsupportedForm(
        `whether ${from} to ${to} by ${by} has one element more depends on digits that float32 does not keep`,
        'give the limit half a step less',
      );
    const values = positions(count).map((i) => from + i * by);
    return tf.tensor1d(values, start.dtype as 'float32');
  },
  gradient: 'no',
});

/** Next to a whole number, but not one: rounding to float32 may have put it on the other side. */
function isUncertain(steps: number): boolean {
  const distance = Math.abs(steps - Math.round(steps));
  return distance > 0 && distance < 1e-6 * Math.max(1, Math.abs(steps));
}
