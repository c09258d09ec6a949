import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 3, 4, 5], [3], [3], [3], { shape: [3], between: [0.5, 2] }] },
  {
    inputs: [[4, 3], [3], [3], [3], { shape: [3], between: [0.5, 2] }],
    attributes: { epsilon: { float: 0.1 } },
    opset: 9,
  },
  { inputs: [[2, 3, 4], [3], [3], [3], { shape: [3], between: [0.5, 2] }], opset: 7 },
  {
    inputs: [
      [4, 3, 2],
      [3, 2],
      [3, 2],
      { shape: [3, 2], between: [-1, 1] },
      { shape: [3, 2], between: [0.5, 2] },
    ],
    attributes: { spatial: 0 },
    opset: 8,
  },
  {
    inputs: [[3, 2, 5], [2], [2], [2], { shape: [2], between: [0.5, 2] }],
    attributes: { training_mode: 1, momentum: { float: 0.7 } },
    outputs: 3,
  },
];
