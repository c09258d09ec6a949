/**
 * Convolution whose kernel elements are moved by offsets of their own at every position (Dai et al. 2017, Zhu et al. 2018;
 * ONNX: DeformConv).
 */
import * as tf from '@tensorflow/tfjs';
import { sizeOf } from '../../compile/kernel.js';
import { type WindowAttributes, windowOutput } from '../../compile/kernels/windows.js';
import { int, ints } from '../attributes.js';
import { refuseMisfit, resolveWindow, windowRefusals } from '../geometry.js';
import { defineOperator, UnsupportedForm } from '../operator.js';
import { batchOfPoints, kernels, kernelTaps, sample } from '../sampling.js';

/**
 * Y[n, m, o] = B[m] + sum over c, k of W[m, c, k] mask[n, k, o] X[n, c, o * stride - pad + k * dilation + offset[n, k, o]],
 * where X is interpolated linearly and 0 outside. Offsets and masks may differ between groups of channels.
 */
export const DeformConv = defineOperator({
  type: 'DeformConv',
  since: [19, 22],
  inputs: ['X', 'W', 'offset', 'B?', 'mask?'],
  roles: { W: 'unmapped', B: 'bias' },
  attributes: {
    kernel_shape: ints(),
    strides: ints(),
    pads: ints(),
    dilations: ints(),
    group: int(1),
    offset_group: int(1),
  },
  check: windowRefusals,
  evaluate(
    { X, W, offset, B, mask },
    { kernel_shape = W.shape.slice(2), group, offset_group, ...attributes },
  ) {
    const extents = X.shape.slice(2);
    const window = resolveWindow(extents, kernel_shape, { ...attributes, auto_pad: 'NOTSET' });
    refuseMisfit(extents, window);
    const out = windowOutput(extents, window);
    const [batch, channels, filters] = [X.shape[0]!, X.shape[1]!, W.shape[0]!];
    const elements = sizeOf(kernel_shape);
    const points = sizeOf(out);
    const wanted = [batch, offset_group * elements, ...out];
    const fits =
      W.shape.slice(2).join() === kernel_shape.join() &&
      channels === W.shape[1]! * group &&
      filters % group === 0 &&
      channels % offset_group === 0 &&
      offset.shape.join() === [batch, wanted[1]! * extents.length, ...out].join() &&
      (!mask || mask.shape.join() === wanted.join()) &&
      (!B || B.shape.join() === `${filters}`);
    if (!fits)
      throw new UnsupportedForm(
        `filter [${W.shape}], offset [${offset.shape}] and mask [${mask?.shape ?? ''}] for [${X.shape}]`,
        `${group} groups, ${offset_group} groups of offsets, windows [${out}]`,
      );
    // Groups of offsets are like further examples: [batch * offset_group, channels of a group, ...].
    const examples = batch * offset_group;
    const grouped = X.reshape([examples, channels / offset_group, ...extents]);
    const coordinates = positionsOf(offset, examples, window, out);
    const taps = coordinates.map((at, i) => kernelTaps(at, extents[i]!, kernels.linear, 'zeros'));
    const rows = sample(grouped, batchOfPoints(examples, elements * points), taps);
    const masked = mask ? rows.mul(mask.reshape([rows.shape[0]!, 1])) : rows;
    const y = product(masked, W, { batch, group, offset_group, elements, points });
    const shaped = y.reshape([batch, filters, ...out]);
    return B ? shaped.add(B.reshape([filters, ...out.map(() => 1)])) : shaped;
  },
  gradient: 'yes',
});

/** Where each kernel element reads at each output: o * stride - pad + k * dilation + offset; for each axis [examples * elements * points]. */
function positionsOf(
  offset: tf.Tensor,
  examples: number,
  { kernel, strides, pads, dilations }: WindowAttributes,
  out: readonly number[],
): tf.Tensor[] {
  const [elements, points, rank] = [sizeOf(kernel), sizeOf(out), kernel.length];
  // Per kernel element the offsets of all axes follow one another.
  const moved = tf.unstack(offset.reshape([examples, elements, rank, points]), 2);
  return moved.map((own, axis) => {
    const base = new Float32Array(elements * points);
    for (let k = 0; k < elements; k++)
      for (let o = 0; o < points; o++)
        base[k * points + o] =
          placeIn(o, out, axis) * strides[axis]! - pads[axis]! + placeIn(k, kernel, axis) * dilations[axis]!;
    return own.add(tf.tensor2d(base, [elements, points])).reshape([-1]);
  });
}

/** The index along an axis of the element at a flat position. */
function placeIn(flat: number, shape: readonly number[], axis: number): number {
  return Math.floor(flat / sizeOf(shape.slice(axis + 1))) % shape[axis]!;
}

/** Filters times columns: rows [batch * offset groups * elements * points, channels of an offset group] to [batch, filters, points]. */
function product(
  rows: tf.Tensor,
  W: tf.Tensor,
  {
    batch,
    group,
    offset_group,
    elements,
    points,
  }: Record<'batch' | 'group' | 'offset_group' | 'elements' | 'points', number>,
): tf.Tensor {
  const channels = rows.shape[1]! * offset_group;
  const columns = rows
    .reshape([batch, offset_group, elements, points, rows.shape[1]!])
    .transpose([1, 4, 2, 0, 3])
    .reshape([group, (channels / group) * elements, batch * points]);
  const filters = W.shape[0]!;
  const y = tf.matMul(W.reshape([group, filters / group, (channels / group) * elements]), columns);
  return y.reshape([filters, batch, points]).transpose([1, 0, 2]);
}
