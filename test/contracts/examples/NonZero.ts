import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [{ ints: [0, 3, -1, 0, 0, 2], shape: [2, 3] }] },
  { inputs: [{ bools: [1, 0, 1] }], opset: 9 },
  { inputs: [{ ints: [0, 0] }] },
];
