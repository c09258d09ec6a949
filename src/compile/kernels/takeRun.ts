/** A contiguous run of a long vector, starting where a tensor says: how training takes noise from its pool of normals. */
import * as tf from '@tensorflow/tfjs';
import { defineKernel } from '../kernel.js';
import { reshape } from '../rewrite.js';

export const takeRunKernel = defineKernel({
  name: 'TakeRun',
  lower(at) {
    const [pool, offset] = [at.input('pool'), at.input('offset')];
    const size: number = at.attrs.size;
    const start = reshape(at.recorder, offset, [1]);
    const end = at.node('Add', [start, at.constant(Int32Array.of(size), [1], 'int32')], start);
    // Start, end and axis must be of one type.
    return at.node('Slice', [pool, start, end, at.constant(Int32Array.of(0), [1], 'int32')], {
      shape: [size],
      dtype: pool.dtype,
    });
  },
  eager: ({ pool, offset }, { size }) => tf.slice(pool as tf.Tensor1D, offset!.dataSync()[0]!, size),
});

/** `size` values of `pool` from `offset` on (an int32 scalar; 0 <= offset <= pool.size - size). Not differentiable. */
export function takeRun(pool: tf.Tensor1D, offset: tf.Tensor, size: number): tf.Tensor1D {
  return tf.engine().runKernel('TakeRun', { pool, offset }, { size }) as tf.Tensor1D;
}
