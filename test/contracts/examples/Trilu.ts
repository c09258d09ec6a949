import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[3, 4]] },
  { inputs: [[2, 4, 3], { ints: 1 }], attributes: { upper: 0 } },
  { inputs: [[4, 4], { ints: [-2] }] },
  { inputs: [{ ints: [1, 2, 3, 4], shape: [2, 2] }], attributes: { upper: 0 }, opset: 14 },
  { inputs: [[2, 3], { ints: 9 }], attributes: { upper: 1 } },
];
