import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [{ ints: [-4, 7, 5, 4, -7, 8] }, { ints: [2, -3, 8, -2, 3, 5] }] },
  { inputs: [{ ints: [-4, 7, 5] }, { ints: [3] }], attributes: { fmod: 1 }, opset: 10 },
  { inputs: [[2, 3], { shape: [3], between: [0.7, 0.9] }], attributes: { fmod: 1 } },
];
