import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 3, 6, 5], [4, 3, 3, 3], [4]], attributes: { pads: [1, 1, 1, 1] } },
  {
    inputs: [
      [2, 3, 7, 6],
      [4, 3, 3, 2],
    ],
    attributes: { strides: [2, 3], pads: [0, 1, 2, 0] },
  },
  { inputs: [[2, 4, 6, 6], [6, 2, 3, 3], [6]], attributes: { group: 2, kernel_shape: [3, 3] }, opset: 7 },
  {
    inputs: [
      [2, 3, 8, 8],
      [3, 1, 3, 3],
    ],
    attributes: { group: 3, strides: [2, 2], pads: [1, 1, 1, 1] },
  },
  {
    inputs: [
      [1, 2, 5, 5],
      [4, 1, 3, 3],
    ],
    attributes: { group: 2, auto_pad: 'SAME_LOWER', strides: [2, 2] },
  },
  {
    inputs: [
      [1, 2, 9, 8],
      [2, 2, 3, 3],
    ],
    attributes: { dilations: [2, 3], pads: [2, 1, 0, 3] },
  },
  { inputs: [[2, 3, 12], [4, 3, 4], [4]], attributes: { auto_pad: 'SAME_UPPER', strides: [3] } },
  {
    inputs: [
      [2, 3, 9, 9],
      [5, 3, 1, 1],
    ],
    attributes: { strides: [2, 2] },
  },
  {
    inputs: [
      [1, 2, 3, 4, 4],
      [2, 2, 2, 2, 3],
    ],
    attributes: { auto_pad: 'VALID' },
  },
  {
    inputs: [
      [1, 2, 10, 10],
      [3, 2, 3, 3],
    ],
    attributes: { pads: [1, 1, 1, 1] },
  },
];
