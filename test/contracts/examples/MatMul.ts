import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  {
    inputs: [
      [3, 4],
      [4, 5],
    ],
  },
  {
    inputs: [
      [2, 3, 4],
      [4, 5],
    ],
  },
  {
    inputs: [
      [3, 4],
      [2, 4, 5],
    ],
  },
  {
    inputs: [
      [2, 1, 3, 4],
      [3, 4, 2],
    ],
  },
  { inputs: [[4], [4, 5]] },
  { inputs: [[2, 3, 4], [4]], opset: 7 },
  { inputs: [[4], [4]] },
];
