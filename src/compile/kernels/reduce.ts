/** Reductions and cumulative sums. */
import * as tf from '@tensorflow/tfjs';
import {
  defineKernel,
  type KernelDefinition,
  type Lowering,
  like,
  type Value,
  type ValueType,
} from '../kernel.js';
import { reshape } from '../rewrite.js';

function axesOf(at: Lowering, x: Value): number[] {
  const given = at.attrs.axis ?? at.attrs.reductionIndices;
  const list: number[] = given === undefined || given === null ? x.shape.map((_, i) => i) : [given].flat();
  return list.map((axis) => (axis < 0 ? x.shape.length + axis : axis));
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
  Mean: 'ReduceMean',
  Max: 'ReduceMax',
  Min: 'ReduceMin',
} as const;
const numeric = Object.entries(reducers).map(([name, opType]) =>
  defineKernel({ name, lower: (at) => reduce(at, opType, at.input('x')) }),
);

/** All and Any of booleans, as the minimum and maximum of integers: ONNX reduces numbers only. */
const logical = (['All', 'Any'] as const).map((name) =>
  defineKernel({
    name,
    lower(at) {
      const x = at.input('x');
      const numbers = at.node('Cast', [x], like(x, 'int32'), { to: 6 });
      const result = reduce(at, name === 'All' ? 'ReduceMin' : 'ReduceMax', numbers);
      return at.node('Cast', [result], like(result, 'bool'), { to: 9 });
    },
  }),
);

const extremes = (['ArgMax', 'ArgMin'] as const).map((name) =>
  defineKernel({
    name,
    lower(at) {
      const x = at.input('x');
      const [axis] = axesOf(at, x);
      const shape = reduced(x, [axis!], false);
      // ONNX answers in int64; the recorder's integers are int32.
      const index = at.node(name, [x], { shape, dtype: 'int32' }, { axis: axis!, keepdims: 0 });
      return at.node('Cast', [index], { shape, dtype: 'int32' }, { to: 6 });
    },
  }),
);

const cumsum = defineKernel({
  name: 'Cumsum',
  lower(at) {
    const x = at.input('x');
    const [axis] = axesOf(at, x);
    const flags = { exclusive: at.attrs.exclusive ? 1 : 0, reverse: at.attrs.reverse ? 1 : 0 };
    return at.node('CumSum', [x, at.int64([axis!])], like(x), flags);
  },
  // tfjs's own turns the axes of the result unless the sum runs along the last.
  gradient: {
    gradFunc: (dy, _, attributes) => ({
      x() {
        const { axis, exclusive, reverse } = attributes as unknown as tf.CumsumAttrs;
        return tf.cumsum(dy as tf.Tensor, axis, exclusive, !reverse);
      },
    }),
  },
});

const topK = defineKernel({
  name: 'TopK',
  lower(at) {
    const x = at.input('x');
    const k: number = at.attrs.k;
    const shape = [...x.shape.slice(0, -1), k];
    const int: ValueType = 'int32';
    const [values, indices] = at.nodes(
      'TopK',
      [x, at.int64([k])],
      [
        { shape, dtype: x.dtype },
        { shape, dtype: int },
      ],
      {
        axis: -1,
        sorted: at.attrs.sorted === false ? 0 : 1,
      },
    );
    return [values!, at.node('Cast', [indices], { shape, dtype: int }, { to: 6 })];
  },
});

export const reduceKernels: KernelDefinition[] = [...numeric, ...logical, ...extremes, cumsum, topK];
