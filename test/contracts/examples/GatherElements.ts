import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[3, 3], { ints: [1, 2, 0, 2, 0, 0], shape: [2, 3] }] },
  { inputs: [[2, 4, 2], { ints: [1, -1, 0, 3, 2, 2], shape: [1, 3, 2] }], attributes: { axis: 1 } },
  { inputs: [[3, 2], { ints: [1, 1, 0, 0, -2, 1], shape: [3, 2] }], attributes: { axis: -1 }, opset: 11 },
  { inputs: [[3, 2], { ints: [], shape: [0, 2] }] },
];
