import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 5], { ints: [2, 3] }], attributes: { axis: 1 }, outputs: 2 },
  { inputs: [[5, 2]], attributes: { num_outputs: 2 }, outputs: 2 },
  { inputs: [[4, 2]], attributes: { split: [1, 3] }, opset: 7, outputs: 2 },
  { inputs: [[2, 3], { ints: [2, 0, 1] }], attributes: { axis: -1 }, outputs: 3 },
  { inputs: [[4, 2], { ints: [4] }], outputs: 1 },
];
