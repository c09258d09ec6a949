/** Products of codes: what is drawn in floats are the scales. */
import fc from 'fast-check';
import { type Draw, extent, type Forms, floats, shape } from './draw.js';
import { byte, codes, scales } from './quantize.js';

/** No data: its slope is small beside the rounding of codes that it divides; those of the other scales are not. */
const yScale = floats([], { between: [4, 8], gradient: false });

const convolutions = fc.record({
  group: fc.constantFrom(1, 2),
  kernel: fc.array(fc.integer({ min: 1, max: 3 }), { minLength: 2, maxLength: 2 }),
  channels: extent,
  spare: extent,
  stride: fc.constantFrom(1, 2),
  perChannel: fc.boolean(),
  type: byte,
});

const convolution =
  (scaled: boolean): Draw =>
  () =>
    convolutions.map(({ group, kernel, channels, spare, stride, perChannel, type }) => {
      const w = [channels * group, 2, ...kernel];
      // onnxruntime 1.30 has one zero point of the weights of ConvInteger.
      const each = perChannel && scaled ? [channels * group] : [];
      const [x, filter] = [codes('uint8', [2, 2 * group, ...kernel.map((k) => k + spare)]), codes(type, w)];
      const zeros = [codes('uint8', []), codes(type, each)] as const;
      return {
        inputs: scaled
          ? [x, scales([]), zeros[0], filter, scales(each), zeros[1], yScale, codes('uint8', [])]
          : [x, filter, ...zeros],
        attributes: { group, strides: kernel.map(() => stride) },
      };
    });

const products = fc.record({
  stack: shape(0, 2),
  stacked: fc.boolean(),
  rows: extent,
  inner: extent,
  columns: extent,
  perColumn: fc.boolean(),
  type: byte,
});

const product =
  (scaled: boolean): Draw =>
  () =>
    products.map(({ stack, stacked, rows, inner, columns, perColumn, type }) => {
      const each = perColumn && !stacked ? [columns] : [];
      const a = codes('uint8', [...stack, rows, inner]);
      const b = codes(type, [...(stacked ? stack : []), inner, columns]);
      const zeros = [codes('uint8', []), codes(type, each)] as const;
      return {
        inputs: scaled
          ? [a, scales([]), zeros[0], b, scales(each), zeros[1], yScale, codes('uint8', [])]
          : [a, b, ...zeros],
      };
    });

export const quantizedProducts: Forms = {
  QLinearConv: convolution(true),
  ConvInteger: convolution(false),
  QLinearMatMul: product(true),
  MatMulInteger: product(false),
};
