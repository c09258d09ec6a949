import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 3, 4], { shape: [3, 1], between: [0.5, 2] }] },
  { inputs: [[3, 4], { shape: [3, 4], between: [-2, -0.5] }], opset: 7 },
];
