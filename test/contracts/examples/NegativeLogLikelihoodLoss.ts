import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[3, 4], { ints: [2, 0, 3] }] },
  {
    inputs: [[2, 3, 2], { ints: [2, 1, -1, 0], shape: [2, 2] }, { shape: [3], between: [0.5, 2] }],
    attributes: { ignore_index: -1 },
  },
  {
    inputs: [[2, 3, 2, 2], { ints: [2, 1, 1, 0, 2, 2, 0, 1], shape: [2, 2, 2] }],
    attributes: { ignore_index: 1, reduction: 'none' },
    opset: 12,
  },
  {
    inputs: [[3, 4], { ints: [2, 0, 3] }, { shape: [4], between: [0.5, 2] }],
    attributes: { reduction: 'sum' },
    opset: 12,
  },
];
