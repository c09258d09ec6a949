import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 3], { ints: [2, 2] }] },
  { inputs: [[2, 3], { ints: [1, 3] }], opset: 7 },
  { inputs: [[2, 1, 2, 1, 2], { ints: [1, 2, 2, 1, 3] }] },
  { inputs: [{ bools: [1, 0] }, { ints: [2] }] },
  { inputs: [[2, 3], { ints: [2, 0] }] },
];
