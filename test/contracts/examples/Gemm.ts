import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[3, 4], [4, 5], [5]] },
  {
    inputs: [
      [4, 3],
      [5, 4],
      [3, 1],
    ],
    attributes: { transA: 1, transB: 1, alpha: { float: 0.5 }, beta: { float: 2 } },
  },
  {
    inputs: [
      [3, 4],
      [4, 5],
      [3, 5],
    ],
    opset: 7,
  },
  {
    inputs: [
      [3, 4],
      [5, 4],
    ],
    attributes: { transB: 1 },
  },
];
