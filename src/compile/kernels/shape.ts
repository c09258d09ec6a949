/** Kernels that move elements: reshape, transpose, slice, concatenate. */
import * as tf from '@tensorflow/tfjs';
import { defineKernel, type KernelDefinition, type Lowering, like, sizeOf, type Value } from '../kernel.js';
import { onnxTypes, splatValue } from '../recorder.js';
import { expand, reshape, transpose } from '../rewrite.js';
import { sameShape } from '../shapes.js';

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
    const shape = x.shape.map((extent, i) => extent * reps[i]!);
    // Broadcasting, in tfjs, is tiling; ONNX's operators do it themselves.
    if (x.shape.every((extent, i) => reps[i] === 1 || extent === 1)) return expand(at.recorder, x, shape);
    return at.node('Tile', [x, at.int64(reps)], { shape, dtype: x.dtype });
  },
  // tfjs's own ends at rank 4.
  gradient: {
    inputsToSave: ['x'],
    gradFunc: (dy, [x], attributes) => ({
      x() {
        const { reps } = attributes as unknown as tf.TileAttrs;
        const apart = (dy as tf.Tensor).reshape(x!.shape.flatMap((extent, i) => [reps[i]!, extent]));
        return apart.sum(reps.map((_, i) => 2 * i)).reshape(x!.shape);
      },
    }),
  },
});

export function concatenate(at: Lowering, values: readonly Value[], axis: number): Value {
  if (values.length === 1) return values[0]!;
  const shape = [...values[0]!.shape];
  shape[axis] = values.reduce((sum, value) => sum + value.shape[axis]!, 0);
  return at.node('Concat', [...values], { shape, dtype: values[0]!.dtype }, { axis });
}

const concat = defineKernel({
  name: 'Concat',
  lower(at) {
    const values = at.list();
    const shapes = values.map((value) => [...value.shape]);
    const [axis] = tf.util.parseAxisParam(at.attrs.axis, shapes[0]!);
    tf.backend_util.assertParamsConsistent(shapes, axis!);
    const filled = values.filter((value) => sizeOf(value.shape) > 0);
    if (filled.length > 0) return concatenate(at, filled, axis!);
    return splatValue(0, tf.backend_util.computeOutShape(shapes, axis!), values[0]!.dtype);
  },
});

const pack = defineKernel({
  name: 'Pack',
  lower(at) {
    const [first, ...others] = at.list();
    const axis = at.attrs.axis < 0 ? first!.shape.length + 1 + at.attrs.axis : at.attrs.axis;
    for (const x of others) {
      if (!sameShape(x.shape, first!.shape) || x.dtype !== first!.dtype)
        throw new Error(`a stack of unequal shapes or types: ${describe(first!)} and ${describe(x)}`);
    }
    const rows = at
      .list()
      .map((x) => reshape(at.recorder, x, [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)]));
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
  steps?: readonly number[],
): Value {
  const shape = x.shape.map((_, i) => Math.max(0, Math.ceil((end[i]! - begin[i]!) / (steps?.[i] ?? 1))));
  const axes = x.shape.map((_, i) => i).filter((i) => shape[i] !== x.shape[i] || (steps?.[i] ?? 1) !== 1);
  if (axes.length === 0) return x;
  const pick = (list: readonly number[]) => at.int64(axes.map((i) => list[i]!));
  // ONNX counts negative ends from the last element, and stops at the first.
  const operands = [x, pick(begin), pick(end.map((e) => (e < 0 ? -(2 ** 31) : e))), at.int64(axes)];
  if (steps && axes.some((i) => steps[i] !== 1)) operands.push(pick(steps));
  return at.node('Slice', operands, { shape, dtype: x.dtype });
}

const sliceKernel = defineKernel({
  name: 'Slice',
  lower(at) {
    const x = at.input('x');
    const like = x as unknown as tf.Tensor;
    const [begin, size] = tf.slice_util.parseSliceParams(like, at.attrs.begin, at.attrs.size);
    tf.slice_util.assertParamsValid(like, begin!, size!);
    const end = begin!.map((b, i) => b + size![i]!);
    return slice(at, x, begin!, end);
  },
});

const unpack = defineKernel({
  name: 'Unpack',
  lower(at) {
    const x = at.input('value');
    const axis = at.attrs.axis < 0 ? x.shape.length + at.attrs.axis : at.attrs.axis;
    const rest = x.shape.filter((_, i) => i !== axis);
    return Array.from({ length: x.shape[axis]! }, (_, k) => {
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
    const [axis] = tf.util.parseAxisParam(at.attrs.axis, [...x.shape]);
    const given = at.attrs.numOrSizeSplits;
    // tfjs fills in a size of -1 where it finds it.
    const copy = Array.isArray(given) ? [...given] : given;
    const sizes = tf.backend_util.prepareSplitSize(x as unknown as tf.Tensor, copy, axis!);
    const outs = sizes.map((size) => ({
      shape: x.shape.map((extent, i) => (i === axis ? size : extent)),
      dtype: x.dtype,
    }));
    return at.nodes('Split', [x, at.int64(sizes)], outs, { axis: axis! });
  },
});

const reverse = defineKernel({
  name: 'Reverse',
  lower(at) {
    const x = at.input('x');
    const axes = tf.util.parseAxisParam(at.attrs.dims, [...x.shape]);
    if (axes.length === 0) return x;
    const all = (n: number) => at.int64(axes.map(() => n));
    return at.node('Slice', [x, all(-1), all(-(2 ** 31)), at.int64(axes), all(-1)], like(x));
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
