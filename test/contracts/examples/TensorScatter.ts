import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 3, 4, 2], [2, 3, 2, 2], { ints: [1, 2] }], opset: 24 },
  { inputs: [[2, 5, 2], [2, 3, 2], { ints: [4, 1] }], attributes: { mode: 'circular' }, opset: 24 },
  {
    inputs: [
      [2, 3, 4],
      [2, 3, 2],
    ],
    attributes: { axis: -1 },
    opset: 24,
  },
];
