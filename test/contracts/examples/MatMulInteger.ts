import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  {
    inputs: [
      { bytes: 'uint8', shape: [3, 4] },
      { bytes: 'int8', shape: [2, 4, 5] },
      { bytes: 'uint8', shape: [] },
      { bytes: 'int8', shape: [] },
    ],
  },
];
