/** Numbers at even distances, and elements at even distances. */
import * as tf from '@tensorflow/tfjs';
import { defineKernel, type KernelDefinition, sizeOf } from '../kernel.js';
import { splatValue } from '../recorder.js';
import { reshape } from '../rewrite.js';
import { slice } from './shape.js';

/** start, start + step, ... before stop; a step of 1 turns around where stop lies below. */
const range = defineKernel({
  name: 'Range',
  lower(at) {
    const { start, stop, dtype } = at.attrs;
    const step = at.attrs.step === 1 && stop < start ? -1 : at.attrs.step;
    const count = Math.max(0, Math.ceil((stop - start) / step));
    return at.constant(
      Array.from({ length: count }, (_, i) => start + i * step),
      [count],
      dtype,
    );
  },
});

/** `num` numbers from start to stop, both included. */
const linSpace = defineKernel({
  name: 'LinSpace',
  lower(at) {
    const { start, stop, num } = at.attrs;
    const step = num > 1 ? (stop - start) / (num - 1) : 0;
    return at.constant(Array.from({ length: num }, (_, i) => start + i * step));
  },
});

const stridedSlice = defineKernel({
  name: 'StridedSlice',
  lower(at) {
    const x = at.input('x');
    const a = at.attrs;
    const masks = [a.beginMask, a.endMask, a.ellipsisMask, a.newAxisMask, a.shrinkAxisMask] as const;
    const info = tf.slice_util.sliceInfo([...x.shape], a.begin, a.end, a.strides, ...masks);
    const { begin, end, strides, finalShape } = info;
    if (sizeOf(finalShape) === 0) return splatValue(0, finalShape, x.dtype);
    return reshape(at.recorder, info.isIdentity ? x : slice(at, x, begin, end, strides), finalShape);
  },
});

export const rangeKernels: KernelDefinition[] = [range, linSpace, stridedSlice];
