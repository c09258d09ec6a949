/** Cumulative sums and products along an axis. */
import * as tf from '@tensorflow/tfjs';
import { splatValue } from '../constants.js';
import { defineKernel, type KernelDefinition, type Lowering, like, type Value } from '../kernel.js';
import { binary } from '../rewrite.js';
import { extentOf } from '../shapes.js';
import { castTo } from './elementwise.js';
import { axisOf } from './reduce.js';
import { concatenate, slice } from './shape.js';

/** Booleans count as integers. */
function numbers(at: Lowering): Value {
  const x = at.input('x');
  return x.dtype === 'bool' ? castTo(at, x, 'int32') : x;
}

const cumsum = defineKernel({
  name: 'Cumsum',
  lower(at) {
    const x = numbers(at);
    const flags = { exclusive: at.attrs.exclusive ? 1 : 0, reverse: at.attrs.reverse ? 1 : 0 };
    return at.node('CumSum', [x, at.int64([axisOf(at, x)])], like(x), flags);
  },
  // tfjs's own turns the axes of the result unless the sum runs along the last.
  gradient: {
    of: (dy, _, { axis, exclusive, reverse }: tf.CumsumAttrs) => ({
      x: () => tf.cumsum(dy, axis, exclusive, !reverse),
    }),
  },
});

/** ONNX has none: after k steps an element is the product of the 2^k up to it (Hillis and Steele, 1986). */
const cumprod = defineKernel({
  name: 'Cumprod',
  lower(at) {
    const x = numbers(at);
    const axis = axisOf(at, x);
    const extent = extentOf(x.shape, axis);
    let product = at.attrs.exclusive ? shifted(at, x, axis, 1) : x;
    for (let step = 1; step < extent; step *= 2)
      product = binary(at.recorder, 'Mul', product, shifted(at, product, axis, step), like(x));
    return product;
  },
});

/** x moved along the axis by `step`, against it if `reverse`; ones move in. */
function shifted(at: Lowering, x: Value, axis: number, step: number): Value {
  const extent = extentOf(x.shape, axis);
  const along = (extents: number) => x.shape.map((other, i) => (i === axis ? extents : other));
  const count = Math.min(step, extent);
  const ones = splatValue(1, along(count), x.dtype);
  const from = x.shape.map((_, i) => (i === axis && at.attrs.reverse ? count : 0));
  const kept = slice(at, x, from, along(at.attrs.reverse ? extent : extent - count));
  return concatenate(at, at.attrs.reverse ? [kept, ones] : [ones, kept], axis);
}

export const cumulativeKernels: KernelDefinition[] = [cumsum, cumprod];
