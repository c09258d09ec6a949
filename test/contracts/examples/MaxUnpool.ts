import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  {
    inputs: [[1, 1, 2, 2], { ints: [5, 7, 13, 14], shape: [1, 1, 2, 2] }],
    attributes: { kernel_shape: [2, 2], strides: [2, 2] },
    opset: 11,
  },
  {
    inputs: [[1, 2, 2], { ints: [0, 3, 8, 8], shape: [1, 2, 2] }, { ints: [1, 2, 5] }],
    attributes: { kernel_shape: [2], strides: [2] },
    opset: 11,
  },
  {
    inputs: [[1, 1, 2, 2], { ints: [0, 3, 10, 8], shape: [1, 1, 2, 2] }],
    attributes: { kernel_shape: [2, 2], strides: [2, 2], pads: [0, 0, 1, 0] },
    opset: 9,
  },
];
