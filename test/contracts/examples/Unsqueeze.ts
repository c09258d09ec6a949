import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 3], { ints: [0, -1] }] },
  { inputs: [[2, 3]], attributes: { axes: [1, 2] }, opset: 7 },
];
