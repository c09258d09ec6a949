import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 4, 3, 2], [4], [4]], attributes: { num_groups: 2 } },
  { inputs: [[2, 6, 5], [3], [3]], attributes: { num_groups: 3, epsilon: { float: 0.01 } }, opset: 18 },
];
