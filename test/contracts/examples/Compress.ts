import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 3], { bools: [1, 0, 1] }], attributes: { axis: 1 } },
  { inputs: [[2, 3], { bools: [0, 1, 1, 0, 1] }] },
  { inputs: [[3, 2], { bools: [0, 1] }], attributes: { axis: -2 }, opset: 9 },
];
