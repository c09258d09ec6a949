import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  {
    inputs: [[1, 2, 4, 5], [3, 2, 2, 2], { shape: [1, 8, 3, 4], between: [-0.8, 0.9], clearOf: [0] }],
  },
  {
    inputs: [
      [2, 4, 5, 4],
      [4, 2, 3, 2],
      { shape: [2, 24, 3, 4], between: [-0.8, 0.9], clearOf: [0] },
      [4],
      { shape: [2, 12, 3, 4], between: [0, 1] },
    ],
    attributes: { group: 2, offset_group: 2, pads: [1, 0, 1, 1], strides: [2, 1], dilations: [1, 1] },
    opset: 19,
  },
  {
    inputs: [[1, 1, 5, 6], [2, 1, 2, 2], { shape: [1, 8, 3, 2], between: [-0.8, 0.9], clearOf: [0] }],
    attributes: { dilations: [2, 2], strides: [1, 2], kernel_shape: [2, 2] },
  },
];
