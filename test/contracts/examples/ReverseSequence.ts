import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[4, 3], { ints: [4, 1, 2] }] },
  { inputs: [[2, 4, 2], { ints: [3, 4] }], attributes: { batch_axis: 0, time_axis: 1 } },
];
