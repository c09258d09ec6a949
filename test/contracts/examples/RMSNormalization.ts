import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 3, 4], [4]], opset: 23 },
  {
    inputs: [
      [2, 3, 4],
      [3, 1],
    ],
    attributes: { axis: 1, epsilon: { float: 0.01 } },
    opset: 23,
  },
];
