import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[4, 5], { ints: [1, 0] }, { ints: [3, 2147483647] }, { ints: [0, -1] }] },
  { inputs: [[4, 7], { ints: [-1, 1] }, { ints: [-100, 100] }, { ints: [0, 1] }, { ints: [-1, 2] }] },
  { inputs: [[4, 7], { ints: [-2] }, { ints: [0] }, { ints: [1] }, { ints: [-3] }] },
  { inputs: [[4, 5]], attributes: { starts: [1, -3], ends: [3, -1] }, opset: 7 },
];
