import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 3], { ints: [0, 0, 1, -1], shape: [2, 2] }] },
  { inputs: [[3, 2, 2], { ints: [1, 0, 1, -1], shape: [4, 1] }], opset: 11 },
  { inputs: [[2, 3, 2], { ints: [1, 0], shape: [2, 1] }], attributes: { batch_dims: 1 } },
  {
    inputs: [[2, 2, 3, 2], { ints: [0, 1, 2, 0, -1, 1, 1, 0], shape: [2, 2, 1, 2] }],
    attributes: { batch_dims: 2 },
    opset: 12,
  },
];
