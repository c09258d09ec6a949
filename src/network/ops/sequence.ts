/** Sequences in a batch: each has a length of its own (ONNX: ReverseSequence). */
import * as tf from '@tensorflow/tfjs';
import { gatherElements } from '../../compile/kernels/addressed.js';
import { int } from '../attributes.js';
import { axisOf } from '../axes.js';
import { broadcastTo } from '../broadcast.js';
import { defineOperator, UnsupportedForm } from '../operator.js';
import { withoutGradient } from '../withoutGradient.js';

/** Y[t] = input[n - 1 - t] of a sequence of n; what lies beyond the n stays. The lengths may be data. */
export const ReverseSequence = defineOperator({
  type: 'ReverseSequence',
  since: [10],
  inputs: ['input', 'sequence_lens'],
  attributes: { batch_axis: int(1, { only: [0, 1] }), time_axis: int(0, { only: [0, 1] }) },
  check: ({ batch_axis, time_axis }) =>
    batch_axis === time_axis ? [{ what: `batch and time are both axis ${batch_axis}` }] : [],
  evaluate({ input, sequence_lens }, { batch_axis, time_axis }) {
    const [batch, time] = [batch_axis, time_axis].map((axis) => axisOf(axis, input.rank)) as [number, number];
    if (sequence_lens.rank !== 1 || sequence_lens.size !== input.shape[batch])
      throw new UnsupportedForm(`lengths [${sequence_lens.shape}] of ${input.shape[batch]} sequences`);
    if (input.size === 0) return input.clone();
    const along = (axis: number) => input.shape.map((extent, i) => (i === axis ? extent : 1));
    const here = tf.range(0, input.shape[time]!, 1, 'int32').reshape(along(time));
    const places = withoutGradient((lengths) => {
      const length = lengths!.reshape(along(batch));
      const mirrored = length.sub(tf.scalar(1, 'int32')).sub(here);
      return tf.where(here.less(length), mirrored, here);
    })(sequence_lens);
    return gatherElements(input, broadcastTo(places, input.shape), time);
  },
  gradient: 'yes',
});
