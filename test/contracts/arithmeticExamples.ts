/** Of operators that take two tensors element by element and broadcast them. */
import type { Example } from './example.js';

export const arithmeticExamples: readonly Example[] = [
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
