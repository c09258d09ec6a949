import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 3, 4], { ints: [4, 6] }] },
  { inputs: [[2, 3, 4], { ints: [0, -1] }], opset: 7 },
  { inputs: [[2, 1], { ints: [2] }] },
];
