import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [{ ints: [2, 1, 1, 3, 4, 3] }], outputs: 4 },
  { inputs: [{ ints: [2, 1, 1, 3, 4, 3] }], attributes: { sorted: 0 }, outputs: 4 },
  {
    inputs: [{ ints: [1, 0, 0, 1, 0, 0, 2, 3, 4], shape: [3, 3] }],
    attributes: { axis: 0 },
    outputs: 4,
  },
  {
    inputs: [{ ints: [1, 0, 1, 5, 2, 5, 1, 1, 1, 0, 3, 0], shape: [2, 3, 2] }],
    attributes: { axis: -2, sorted: 0 },
    outputs: 4,
  },
];
