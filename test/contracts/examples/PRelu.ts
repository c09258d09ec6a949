import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  {
    inputs: [
      [2, 3, 4, 5],
      [3, 1, 1],
    ],
  },
  { inputs: [[2, 3], [1]], opset: 7 },
  {
    inputs: [
      [2, 3],
      [2, 3],
    ],
  },
];
