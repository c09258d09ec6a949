import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  {
    inputs: [
      { bytes: 'uint8', shape: [1, 2, 4, 4] },
      { bytes: 'uint8', shape: [3, 2, 2, 2] },
      { bytes: 'uint8', shape: [] },
    ],
    attributes: { auto_pad: 'SAME_UPPER' },
  },
];
