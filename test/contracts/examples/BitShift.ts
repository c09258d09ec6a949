import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  {
    inputs: [
      { bytes: 'uint8', shape: [2, 3] },
      { bytes: 'uint8', shape: [2, 3], codes: [0, 1, 2, 3, 5, 7] },
    ],
    attributes: { direction: 'LEFT' },
  },
  {
    inputs: [
      { bytes: 'uint8', shape: [2, 3] },
      { bytes: 'uint8', shape: [], codes: [2] },
    ],
    attributes: { direction: 'RIGHT' },
    opset: 11,
  },
];
