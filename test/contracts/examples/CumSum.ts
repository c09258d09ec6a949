import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[3, 4], { ints: 0 }], opset: 11 },
  { inputs: [[2, 5, 2], { ints: -2 }], attributes: { exclusive: 1 }, opset: 14 },
  { inputs: [[2, 5], { ints: [1] }], attributes: { reverse: 1 }, opset: 14 },
  { inputs: [[2, 5], { ints: 1 }], attributes: { reverse: 1, exclusive: 1 }, opset: 14 },
];
