/** Kernels that move elements: reshape, transpose, slice, concatenate, pad, gather. Axes are as tfjs normalises them. */
import type * as tf from '@tensorflow/tfjs';
import { defineKernel, type KernelDefinition, type Lowering, like, sizeOf, type Value } from '../kernel.js';
import { splatValue } from '../recorder.js';
import { expand, reshape, transpose } from '../rewrite.js';

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
    const axis = at.attrs.dim < 0 ? x.shape.length + 1 + at.attrs.dim : at.attrs.dim;
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

function concatenate(at: Lowering, values: readonly Value[], axis: number): Value {
  if (values.length === 1) return values[0]!;
  const shape = [...values[0]!.shape];
  shape[axis] = values.reduce((sum, value) => sum + value.shape[axis]!, 0);
  return at.node('Concat', [...values], { shape, dtype: values[0]!.dtype }, { axis });
}

const concat = defineKernel({
  name: 'Concat',
  lower(at) {
    const values = at.list();
    const axis = at.attrs.axis < 0 ? values[0]!.shape.length + at.attrs.axis : at.attrs.axis;
    const filled = values.filter((value) => sizeOf(value.shape) > 0);
    return concatenate(at, filled.length > 0 ? filled : values, axis);
  },
});

const pack = defineKernel({
  name: 'Pack',
  lower(at) {
    const axis = at.attrs.axis < 0 ? at.list()[0]!.shape.length + 1 + at.attrs.axis : at.attrs.axis;
    const rows = at
      .list()
      .map((x) => reshape(at.recorder, x, [...x.shape.slice(0, axis), 1, ...x.shape.slice(axis)]));
    return concatenate(at, rows, axis);
  },
});

/** The elements begin, begin + step, ... before end, along each axis. */
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
  const operands = [x, pick(begin), pick(end), at.int64(axes)];
  if (steps && axes.some((i) => steps[i] !== 1)) operands.push(pick(steps));
  return at.node('Slice', operands, { shape, dtype: x.dtype });
}

const sliceKernel = defineKernel({
  name: 'Slice',
  lower(at) {
    const x = at.input('x');
    const begin: number[] = at.attrs.begin;
    const size: number[] = at.attrs.size;
    return slice(
      at,
      x,
      begin,
      begin.map((b, i) => (size[i] === -1 ? x.shape[i]! : b + size[i]!)),
    );
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
    const axis = at.attrs.axis < 0 ? x.shape.length + at.attrs.axis : at.attrs.axis;
    const given = at.attrs.numOrSizeSplits;
    const sizes: number[] = Array.isArray(given) ? [...given] : Array(given).fill(x.shape[axis]! / given);
    const open = sizes.indexOf(-1);
    if (open >= 0) sizes[open] = x.shape[axis]! - sizes.reduce((sum, s) => sum + (s === -1 ? 0 : s), 0);
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
    const axes = ([at.attrs.dims].flat() as number[]).map((d) => (d < 0 ? x.shape.length + d : d));
    if (axes.length === 0) return x;
    const all = (n: number) => at.int64(axes.map(() => n));
    return at.node('Slice', [x, all(-1), all(-(2 ** 31)), at.int64(axes), all(-1)], like(x));
  },
});

const padV2 = defineKernel({
  name: 'PadV2',
  lower: (at) => pad(at, at.attrs.paddings, at.attrs.constantValue, 'constant'),
});
const mirrorPad = defineKernel({
  name: 'MirrorPad',
  lower(at) {
    if (at.attrs.mode !== 'reflect') throw new Error(`MirrorPad mode ${at.attrs.mode} cannot be recorded`);
    return pad(at, at.attrs.paddings, undefined, 'reflect');
  },
});

function pad(at: Lowering, paddings: [number, number][], fill: number | undefined, mode: string): Value {
  const x = at.input('x');
  if (paddings.every(([before, after]) => before === 0 && after === 0)) return x;
  const shape = x.shape.map((extent, i) => extent + paddings[i]![0] + paddings[i]![1]);
  const pads = at.int64([...paddings.map((p) => p[0]), ...paddings.map((p) => p[1])]);
  return at.node(
    'Pad',
    [x, pads, fill === undefined ? undefined : at.constant(fill, [], x.dtype)],
    { shape, dtype: x.dtype },
    { mode },
  );
}

const fill = defineKernel({
  name: 'Fill',
  lower: (at) => splatValue(at.attrs.value, at.attrs.shape, at.attrs.dtype ?? 'float32'),
});
const range = defineKernel({
  name: 'Range',
  lower(at) {
    const { start, stop, step, dtype } = at.attrs;
    const numbers = Array.from({ length: Math.ceil((stop - start) / step) }, (_, i) => start + i * step);
    return at.constant(numbers, [numbers.length], dtype);
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
  padV2,
  mirrorPad,
  fill,
  range,
  zerosLike,
  onesLike,
];
