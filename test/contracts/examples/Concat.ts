import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  {
    inputs: [
      [2, 3],
      [2, 1],
      [2, 4],
    ],
    attributes: { axis: 1 },
  },
  {
    inputs: [
      [2, 3],
      [1, 3],
    ],
    attributes: { axis: 0 },
    opset: 7,
  },
  {
    inputs: [
      [2, 3],
      [2, 2],
    ],
    attributes: { axis: -1 },
  },
];
