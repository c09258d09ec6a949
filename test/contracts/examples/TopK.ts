import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[3, 5], { ints: [2] }], outputs: 2 },
  { inputs: [[3, 5, 2], { ints: [3] }], attributes: { axis: 1, largest: 0 }, outputs: 2 },
  { inputs: [[3, 2], { ints: [2] }], attributes: { axis: -2 }, opset: 10, outputs: 2 },
  { inputs: [[3, 5]], attributes: { k: 5, axis: 1 }, opset: 7, outputs: 2 },
];
