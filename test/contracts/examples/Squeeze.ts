import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 1, 3, 1], { ints: [1, -1] }] },
  { inputs: [[2, 1, 3, 1]] },
  { inputs: [[2, 1, 3, 1]], attributes: { axes: [1] }, opset: 7 },
];
