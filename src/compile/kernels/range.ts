/** Numbers at even distances, and elements at even distances. */
import * as tf from '@tensorflow/tfjs';
import { splatValue } from '../constants.js';
import {
  defineKernel,
  type KernelDefinition,
  type Lowering,
  type ProgramType,
  sizeOf,
  type Value,
} from '../kernel.js';
import { binary, reshape } from '../rewrite.js';
import { castTo } from './elementwise.js';
import { slice } from './shape.js';

/** So many numbers of a Range a program carries; more of them it counts itself, and none are made while tracing. */
const mostStored = 4096;

/** start, start + step, ... before stop; a step of 1 turns around where stop lies below. */
const range = defineKernel({
  name: 'Range',
  lower(at) {
    const { start, stop, dtype } = at.attrs;
    const step = at.attrs.step === 1 && stop < start ? -1 : at.attrs.step;
    const count = Math.max(0, Math.ceil((stop - start) / step));
    if (count > mostStored) return counted(at, start, step, count, dtype);
    return at.constant(
      Array.from({ length: count }, (_, i) => start + i * step),
      [count],
      dtype,
    );
  },
});

function counted(at: Lowering, start: number, step: number, count: number, dtype: ProgramType): Value {
  const out = { shape: [count], dtype };
  const ends = [0, count, 1].map((end) => at.constant(end, [], 'int32'));
  const places = castTo(at, at.node('Range', ends, { ...out, dtype: 'int32' }), dtype);
  const scaled = binary(at.recorder, 'Mul', places, at.constant(step, [], dtype), out);
  return binary(at.recorder, 'Add', scaled, at.constant(start, [], dtype), out);
}

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
