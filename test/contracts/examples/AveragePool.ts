import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 3, 6, 4]], attributes: { kernel_shape: [2, 2], strides: [2, 2] }, opset: 7 },
  { inputs: [[2, 2, 7, 7]], attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 1, 1, 1] } },
  {
    inputs: [[1, 2, 7, 7]],
    attributes: { kernel_shape: [3, 3], strides: [2, 2], pads: [1, 0, 1, 1], count_include_pad: 1 },
  },
  { inputs: [[1, 2, 8, 7]], attributes: { kernel_shape: [3, 3], strides: [2, 2], ceil_mode: 1 } },
  {
    inputs: [[1, 2, 8, 8]],
    attributes: {
      kernel_shape: [3, 3],
      strides: [2, 2],
      pads: [1, 1, 0, 0],
      ceil_mode: 1,
      count_include_pad: 1,
    },
  },
  { inputs: [[1, 2, 9, 9]], attributes: { kernel_shape: [2, 2], dilations: [2, 2] } },
  { inputs: [[1, 2, 7, 6]], attributes: { kernel_shape: [2, 3], strides: [2, 2], auto_pad: 'SAME_UPPER' } },
  { inputs: [[2, 3, 9]], attributes: { kernel_shape: [3], strides: [2] } },
  { inputs: [[1, 2, 5, 5, 5]], attributes: { kernel_shape: [2, 3, 2], strides: [2, 1, 2] } },
];
