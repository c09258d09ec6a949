import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[6, 3, 5], { ints: [3, 4, 8] }] },
  { inputs: [[2, 5, 6, 3], { ints: [8, 3] }], attributes: { axes: [1, -2] } },
];
