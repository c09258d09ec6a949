import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 3, 6, 4]], attributes: { kernel_shape: [2, 2], strides: [2, 2] }, opset: 7 },
  { inputs: [[1, 2, 7, 7]], attributes: { kernel_shape: [3, 2], p: 3, pads: [1, 1, 0, 1] }, opset: 11 },
  {
    inputs: [[1, 2, 7, 8]],
    attributes: { kernel_shape: [2, 2], p: 1, strides: [2, 3], dilations: [2, 1], ceil_mode: 1 },
    opset: 18,
  },
  {
    inputs: [[1, 2, 7, 6]],
    attributes: { kernel_shape: [3, 3], strides: [2, 2], auto_pad: 'SAME_LOWER' },
    opset: 18,
  },
  { inputs: [[2, 3, 9]], attributes: { kernel_shape: [3], strides: [2] }, opset: 18 },
  { inputs: [[1, 2, 4, 5, 4]], attributes: { kernel_shape: [2, 3, 2], strides: [2, 1, 2] }, opset: 18 },
];
