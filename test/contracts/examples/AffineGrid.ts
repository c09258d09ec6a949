import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 2, 3], { ints: [2, 3, 4, 5] }] },
  { inputs: [[2, 3, 4], { ints: [2, 1, 2, 3, 4] }], attributes: { align_corners: 1 } },
];
