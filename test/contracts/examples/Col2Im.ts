import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 12, 6], { ints: [3, 4] }, { ints: [2, 2] }] },
  {
    inputs: [[1, 8, 9], { ints: [5, 6] }, { ints: [2, 2] }],
    attributes: { dilations: [2, 2], strides: [1, 2], pads: [0, 1, 0, 0] },
  },
  { inputs: [[1, 6, 4], { ints: [5] }, { ints: [2] }] },
  { inputs: [[1, 8, 8], { ints: [3, 3, 3] }, { ints: [2, 2, 2] }] },
];
