import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 3, 4, 5], [3, 2, 3, 3], [2]] },
  {
    inputs: [
      [1, 4, 3, 3],
      [4, 3, 3, 3],
    ],
    attributes: { strides: [2, 2], pads: [1, 1, 1, 1], output_padding: [1, 1] },
  },
  {
    inputs: [
      [1, 4, 3, 4],
      [4, 1, 2, 2],
    ],
    attributes: { group: 2, strides: [2, 2] },
  },
  {
    inputs: [
      [1, 2, 5],
      [2, 3, 3],
    ],
    attributes: { dilations: [2], pads: [0, 1] },
  },
  {
    inputs: [
      [1, 2, 3, 3],
      [2, 2, 3, 3],
    ],
    attributes: { strides: [2, 2], auto_pad: 'SAME_UPPER' },
  },
  {
    inputs: [
      [1, 2, 3, 3],
      [2, 2, 3, 3],
    ],
    attributes: { strides: [2, 2], output_shape: [6, 6] },
    opset: 11,
  },
];
