/**
 * Col2Im (ONNX): columns of window elements added back into the image they were cut from. y[n, c, p] = the sum of input[n,
 * c * size of a block + k, o] over the elements k of a block and its places o with o * stride - pad + k * dilation = p.
 */
import * as tf from '@tensorflow/tfjs';
import { sizeOf } from '../../compile/kernel.js';
import { convGradInput } from '../../compile/kernels/conv.js';
import { windowOutput } from '../../compile/kernels/windows.js';
import { ints } from '../attributes.js';
import { integers } from '../axes.js';
import { refuseMisfit, resolveWindow, windowRefusals } from '../geometry.js';
import { defineOperator, UnsupportedForm } from '../operator.js';

/** Elements of a block: the filter that places them has the square of their number. */
const largestBlock = 2048;

export const Col2Im = defineOperator({
  type: 'Col2Im',
  since: [18],
  inputs: ['input', 'image_shape', 'block_shape'],
  structural: ['image_shape', 'block_shape'],
  attributes: { dilations: ints(), pads: ints(), strides: ints() },
  check: windowRefusals,
  evaluate({ input, image_shape, block_shape }, attributes) {
    const [image, block] = [integers(image_shape), integers(block_shape)];
    const window = resolveWindow(image, block, { ...attributes, auto_pad: 'NOTSET' });
    refuseMisfit(image, window);
    const places = windowOutput(image, window);
    const [batch, rows, columns] = input.shape;
    const elements = sizeOf(block);
    if (input.rank !== 3 || rows! % elements !== 0 || columns !== sizeOf(places))
      throw new UnsupportedForm(
        `columns [${input.shape}] for blocks [${block}] at [${places}] places of an image [${image}]`,
      );
    if (elements > largestBlock)
      throw new UnsupportedForm(`blocks [${block}]`, `up to ${largestBlock} elements are supported`);
    const channels = rows! / elements;
    // The adjoint of the convolution that picks each element of a block into a channel of its own.
    const picks = tf.eye(elements).reshape([elements, 1, ...block]);
    const filters = picks.tile([channels, ...picks.shape.slice(1).map(() => 1)]);
    const { strides, pads, dilations } = window;
    const geometry = { strides, pads, dilations, group: channels };
    return convGradInput(input.reshape([batch!, rows!, ...places]), filters, geometry, [
      batch!,
      channels,
      ...image,
    ]);
  },
  gradient: 'yes',
});
