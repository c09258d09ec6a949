/** Kernels that move elements: reshape, transpose, slice, concatenate. */

import * as tf from '@tensorflow/tfjs';
import { int32 } from '../../int32.js';
import { elementOf } from '../../lists/elementOf.js';
import { zip } from '../../lists/zip.js';
import { splatValue } from '../constants.js';
import {
  defineKernel,
  infoOf,
  type KernelDefinition,
  type Lowering,
  like,
  sizeOf,
  type Value,
} from '../kernel.js';
import { onnxTypes } from '../recorder.js';
import { expand, reshape, transpose } from '../rewrite.js';
import { extentOf, sameShape } from '../shapes.js';
import { axisOf } from './reduce.js';

const identity = defineKernel({ name: 'Identity', lower: (at) => at.input('x') });
const reshapeKernel = defineKernel({
  name: 'Reshape',
  lower(at) {
    const x = at.input('x');
    return reshape(at.recorder, x, resolve(at.attrs.shape, sizeOf(x.shape)));
  },
});

/** A shape in which one extent may be -1, "whatever remains". */
function resolve(shape: readonly number[], size: number): number[] {
  const known = shape.filter((extent) => extent !== -1).reduce((product, extent) => product * extent, 1);
  return shape.map((extent) => (extent === -1 ? size / known : extent));
}

const expandDims = defineKernel({
  name: 'ExpandDims',
  lower(at) {
    const x = at.input('input');
    const rank = x.shape.length + 1;
    const axis = at.attrs.dim < 0 ? rank + at.attrs.dim : at.attrs.dim;
    if (axis < 0 || axis >= rank) throw new Error(`a new axis ${at.attrs.dim} in [${x.shape}]`);
    return reshape(at.recorder, x, [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)]);
  },
});

const transposeKernel = defineKernel({
  name: 'Transpose',
  lower: (at) => transpose(at.recorder, at.input('x'), at.attrs.perm),
});

const broadcastTo = defineKernel({
  name: 'BroadcastTo',
  lower: (at) => expand(at.recorder, at.input('x'), at.attrs.shape),
});

const tile = defineKernel({
  name: 'Tile',
  lower(at) {
    const x = at.input('x');
    const reps: number[] = at.attrs.reps;
    const shape = zip(x.shape, reps).map(([extent, times]) => extent * times);
    // Broadcasting, in tfjs, is tiling; ONNX's operators do it themselves.
    if (x.shape.every((extent, i) => reps[i] === 1 || extent === 1)) return expand(at.recorder, x, shape);
    return at.node('Tile', [x, at.int64(reps)], { shape, dtype: x.dtype });
  },
  // tfjs's own ends at rank 4.
  gradient: {
    needs: ['x'],
    of: (dy, { x }, { reps }: tf.TileAttrs) => ({
      x: () =>
        dy
          .reshape(zip(reps, x.shape).flat())
          .sum(reps.map((_, i) => 2 * i))
          .reshape(x.shape),
    }),
  },
});

export function concatenate(at: Lowering, values: readonly Value[], axis: number): Value {
  const first = elementOf(values, 0, 'part');
  if (values.length === 1) return first;
  const together = values.reduce((sum, value) => sum + extentOf(value.shape, axis), 0);
  const shape = first.shape.map((extent, i) => (i === axis ? together : extent));
  return at.node('Concat', [...values], { shape, dtype: first.dtype }, { axis });
}

const concat = defineKernel({
  name: 'Concat',
  lower(at) {
    const values = at.list();
    const first = elementOf(values, 0, 'part');
    const shapes = values.map((value) => [...value.shape]);
    const axis = axisOf(at, first);
    tf.backend_util.assertParamsConsistent(shapes, axis);
    const filled = values.filter((value) => sizeOf(value.shape) > 0);
    if (filled.length > 0) return concatenate(at, filled, axis);
    return splatValue(0, tf.backend_util.computeOutShape(shapes, axis), first.dtype);
  },
});

const pack = defineKernel({
  name: 'Pack',
  lower(at) {
    const values = at.list();
    const first = elementOf(values, 0, 'row');
    const axis = at.attrs.axis < 0 ? first.shape.length + 1 + at.attrs.axis : at.attrs.axis;
    for (const x of values) {
      if (!sameShape(x.shape, first.shape) || x.dtype !== first.dtype)
        throw new Error(`a stack of unequal shapes or types: ${describe(first)} and ${describe(x)}`);
    }
    const rows = values.map((x) =>
      reshape(at.recorder, x, [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)]),
    );
    return concatenate(at, rows, axis);
  },
});

function describe({ dtype, shape }: Value): string {
  return `${dtype}[${shape}]`;
}

/** The elements begin, begin + step, ... before end, along each axis; an end of -1 lies before the first element. */
export function slice(
  at: Lowering,
  x: Value,
  begin: readonly number[],
  end: readonly number[],
  steps: readonly number[] = end.map(() => 1),
): Value {
  const all = zip(x.shape, begin, end, steps).map(([extent, from, to, step], axis) => {
    const length = Math.max(0, Math.ceil((to - from) / step));
    // ONNX counts negative ends from the last element, and stops at the first.
    return {
      axis,
      from,
      to: to < 0 ? int32.lowest : to,
      step,
      length,
      whole: length === extent && step === 1,
    };
  });
  const axes = all.filter(({ whole }) => !whole);
  if (axes.length === 0) return x;
  const operands = [
    x,
    at.int64(axes.map(({ from }) => from)),
    at.int64(axes.map(({ to }) => to)),
    at.int64(axes.map(({ axis }) => axis)),
  ];
  if (axes.some(({ step }) => step !== 1)) operands.push(at.int64(axes.map(({ step }) => step)));
  return at.node('Slice', operands, { shape: all.map(({ length }) => length), dtype: x.dtype });
}

const sliceKernel = defineKernel({
  name: 'Slice',
  lower(at) {
    const x = at.input('x');
    const info = infoOf(x);
    const params = tf.slice_util.parseSliceParams(info, at.attrs.begin, at.attrs.size);
    const [begin, size] = params as [number[], number[]];
    tf.slice_util.assertParamsValid(info, begin, size);
    const end = zip(begin, size).map(([from, length]) => from + length);
    return slice(at, x, begin, end);
  },
});

const unpack = defineKernel({
  name: 'Unpack',
  lower(at) {
    const x = at.input('value');
    const axis = at.attrs.axis < 0 ? x.shape.length + at.attrs.axis : at.attrs.axis;
    const rest = x.shape.filter((_, i) => i !== axis);
    return Array.from({ length: extentOf(x.shape, axis) }, (_, k) => {
      const begin = x.shape.map((_, i) => (i === axis ? k : 0));
      return reshape(
        at.recorder,
        slice(
          at,
          x,
          begin,
          x.shape.map((extent, i) => (i === axis ? k + 1 : extent)),
        ),
        rest,
      );
    });
  },
});

const splitV = defineKernel({
  name: 'SplitV',
  lower(at) {
    const x = at.input('x');
    const axis = axisOf(at, x);
    const given = at.attrs.numOrSizeSplits;
    // tfjs fills in a size of -1 where it finds it.
    const copy = Array.isArray(given) ? [...given] : given;
    const sizes = tf.backend_util.prepareSplitSize(infoOf(x), copy, axis);
    const outs = sizes.map((size) => ({
      shape: x.shape.map((extent, i) => (i === axis ? size : extent)),
      dtype: x.dtype,
    }));
    return at.nodes('Split', [x, at.int64(sizes)], outs, { axis });
  },
});

const reverse = defineKernel({
  name: 'Reverse',
  lower(at) {
    const x = at.input('x');
    const axes = tf.util.parseAxisParam(at.attrs.dims, [...x.shape]);
    if (axes.length === 0) return x;
    const all = (n: number) => at.int64(axes.map(() => n));
    return at.node('Slice', [x, all(-1), all(int32.lowest), at.int64(axes), all(-1)], like(x));
  },
});

const fill = defineKernel({
  name: 'Fill',
  lower(at) {
    const { value, shape, dtype = typeof value === 'string' ? 'string' : 'float32' } = at.attrs;
    if (!(dtype in onnxTypes)) throw new Error(`a ${dtype} tensor cannot be recorded`);
    return splatValue(value, shape, dtype);
  },
});
const zerosLike = defineKernel({
  name: 'ZerosLike',
  lower: (at) => splatValue(0, at.input('x').shape, at.input('x').dtype),
});
const onesLike = defineKernel({
  name: 'OnesLike',
  lower: (at) => splatValue(1, at.input('x').shape, at.input('x').dtype),
});

export const shapeKernels: KernelDefinition[] = [
  identity,
  reshapeKernel,
  expandDims,
  transposeKernel,
  broadcastTo,
  tile,
  concat,
  pack,
  sliceKernel,
  unpack,
  splitV,
  reverse,
  fill,
  zerosLike,
  onesLike,
];
