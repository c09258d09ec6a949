import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  {
    inputs: [[2, 3, 4], [3, 1, 3], [3], [2, 3, 2]],
    attributes: { activation: 'silu' },
    opset: 27,
    outputs: 2,
  },
  {
    inputs: [
      [1, 2, 1],
      [2, 1, 4],
    ],
    opset: 27,
    outputs: 2,
  },
];
