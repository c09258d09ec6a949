import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[4, 3], { ints: [0, -1, 2, 2] }] },
  { inputs: [[4, 3, 2], { ints: [1, 0, 2, 0], shape: [2, 2] }], attributes: { axis: 1 } },
  { inputs: [[2, 3, 2, 1, 2], { ints: [1, 0, 1, -2], shape: [2, 1, 2] }], attributes: { axis: -3 } },
  { inputs: [[4, 3], { ints: 2 }], opset: 7 },
  { inputs: [[4, 3], { ints: [] }] },
];
