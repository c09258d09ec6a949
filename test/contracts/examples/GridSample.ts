import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  {
    inputs: [
      [2, 3, 4, 5],
      [2, 3, 2, 2],
    ],
  },
  {
    inputs: [[1, 2, 4, 5], { shape: [1, 3, 4, 2], between: [-1.9, 1.7] }],
    attributes: { padding_mode: 'reflection', align_corners: 1 },
    opset: 16,
  },
  {
    inputs: [[1, 2, 5, 4], { shape: [1, 3, 4, 2], between: [-1.7, 1.7] }],
    attributes: { mode: 'cubic', padding_mode: 'border' },
    opset: 20,
  },
  {
    inputs: [[1, 2, 5, 4], { shape: [1, 3, 4, 2], between: [-1.7, 1.7] }],
    attributes: { mode: 'bicubic', padding_mode: 'reflection', align_corners: 1 },
    opset: 16,
  },
  {
    inputs: [[1, 2, 3, 4, 2], { shape: [1, 2, 3, 2, 3], between: [-1.2, 1.2] }],
    attributes: { padding_mode: 'border' },
    opset: 20,
  },
  {
    inputs: [[2, 1, 3, 4], { shape: [2, 2, 2, 2], between: [-1.3, 1.3] }],
    attributes: { mode: 'nearest' },
    opset: 20,
  },
];
