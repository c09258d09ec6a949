import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  {
    inputs: [
      { shape: [2, 6, 4], between: [0, 1], gradient: false },
      { shape: [2, 2, 6], between: [0, 1], gradient: false },
      { ints: [4] },
      { shape: [1], between: [0.2, 0.3], gradient: false },
      { shape: [1], between: [0.1, 0.2], gradient: false },
    ],
  },
  {
    inputs: [
      { shape: [1, 9, 4], between: [0.2, 1], gradient: false },
      { shape: [1, 1, 9], between: [0, 1], gradient: false },
      { ints: [9] },
    ],
    attributes: { center_point_box: 1 },
    opset: 10,
  },
];
