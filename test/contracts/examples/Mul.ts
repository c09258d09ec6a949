import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  {
    inputs: [
      [2, 3, 4],
      [2, 3, 4],
    ],
  },
  {
    inputs: [
      [2, 3, 4],
      [3, 1],
    ],
  },
  { inputs: [[4], [2, 3, 4]], opset: 7 },
  { inputs: [[2, 3], []] },
];
