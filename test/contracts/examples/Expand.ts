import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[3, 1], { ints: [2, 1, 4] }] },
  { inputs: [[3, 1], { ints: [3, 4] }], opset: 8 },
  { inputs: [[3, 1], { ints: [0] }] },
  { inputs: [{ bools: [1, 0] }, { ints: [2, 2] }] },
];
