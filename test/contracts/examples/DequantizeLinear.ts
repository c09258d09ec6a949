import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  {
    inputs: [
      { bytes: 'int8', shape: [2, 3] },
      { shape: [], between: [0.05, 0.06] },
      { bytes: 'int8', shape: [] },
    ],
  },
  {
    inputs: [
      { bytes: 'uint8', shape: [2, 3] },
      { shape: [2], between: [0.05, 0.1] },
      { bytes: 'uint8', shape: [2] },
    ],
    attributes: { axis: 0 },
    opset: 13,
  },
  {
    inputs: [
      { bytes: 'uint8', shape: [3, 4] },
      { shape: [2, 4], between: [0.05, 0.1] },
      { bytes: 'uint8', shape: [2, 4] },
    ],
    attributes: { axis: 0, block_size: 2 },
  },
];
