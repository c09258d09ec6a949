import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 3], { shape: [1], between: [0, 1], gradient: false }] },
  { inputs: [{ ints: [1, 0, 300] }, { shape: [], between: [0, 1], gradient: false }], opset: 15 },
  { inputs: [{ ints: [1, 0, 300] }, { bools: [1] }] },
];
