/** Reductions. */
import * as tf from '@tensorflow/tfjs';
import { elementOf } from '../../lists/elementOf.js';
import { defineKernel, type KernelDefinition, type Lowering, like, type Value } from '../kernel.js';
import { reshape } from '../rewrite.js';
import { castTo } from './elementwise.js';

/** The one axis of a kernel that takes no more. */
export function axisOf(at: Lowering, x: Value): number {
  return elementOf(axesOf(at, x), 0, 'axis');
}

function axesOf(at: Lowering, x: Value): number[] {
  return tf.util.parseAxisParam(at.attrs.axis ?? at.attrs.reductionIndices, [...x.shape]);
}

function reduced(x: Value, axes: readonly number[], keep: boolean): number[] {
  return keep
    ? x.shape.map((extent, i) => (axes.includes(i) ? 1 : extent))
    : x.shape.filter((_, i) => !axes.includes(i));
}

/** Over axes of length 1 a sum, mean, maximum ... moves nothing. */
export function reduce(at: Lowering, opType: string, x: Value): Value {
  const axes = axesOf(at, x);
  const keep = Boolean(at.attrs.keepDims);
  const shape = reduced(x, axes, keep);
  if (axes.every((axis) => x.shape[axis] === 1)) return reshape(at.recorder, x, shape);
  return at.node(opType, [x, at.int64(axes)], { shape, dtype: x.dtype }, { keepdims: keep ? 1 : 0 });
}

const reducers = {
  Sum: 'ReduceSum',
  Max: 'ReduceMax',
  Min: 'ReduceMin',
} as const;
const numeric = Object.entries(reducers).map(([name, opType]) =>
  defineKernel({ name, lower: (at) => reduce(at, opType, at.input('x')) }),
);

/** The mean of integers is no integer. */
const mean = defineKernel({
  name: 'Mean',
  lower: (at) => reduce(at, 'ReduceMean', castTo(at, at.input('x'), 'float32')),
});

/** All and Any of booleans, as the minimum and maximum of integers: ONNX reduces numbers only. */
const logical = (['All', 'Any'] as const).map((name) =>
  defineKernel({
    name,
    lower(at) {
      const x = at.input('x');
      const result = reduce(at, name === 'All' ? 'ReduceMin' : 'ReduceMax', castTo(at, x, 'int32'));
      return castTo(at, result, 'bool');
    },
  }),
);

/** tfjs passes over NaN. ONNX does not compare booleans. */
const extremes = (['ArgMax', 'ArgMin'] as const).map((name) =>
  defineKernel({
    name,
    lower(at) {
      const given = at.input('x');
      const x = given.dtype === 'float32' ? withoutNan(at, given, name) : castTo(at, given, 'int32');
      const axis = axisOf(at, x);
      const shape = reduced(x, [axis], false);
      // ONNX answers in int64; the recorder's integers are int32.
      const index = at.node(name, [x], { shape, dtype: 'int32' }, { axis, keepdims: 0 });
      return at.node('Cast', [index], { shape, dtype: 'int32' }, { to: 6 });
    },
  }),
);

/** x with the value that no number exceeds in place of NaN. */
function withoutNan(at: Lowering, x: Value, name: 'ArgMax' | 'ArgMin'): Value {
  const last = name === 'ArgMax' ? Number.NEGATIVE_INFINITY : Number.POSITIVE_INFINITY;
  return at.node('Where', [at.node('IsNaN', [x], like(x, 'bool')), at.constant(last), x], like(x));
}

export const reduceKernels: KernelDefinition[] = [...numeric, mean, ...logical, ...extremes];
