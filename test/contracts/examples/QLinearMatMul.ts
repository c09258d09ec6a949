import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  {
    inputs: [
      { bytes: 'uint8', shape: [2, 3, 4] },
      { shape: [], between: [0.02, 0.03] },
      { bytes: 'uint8', shape: [] },
      { bytes: 'int8', shape: [4, 5] },
      { shape: [5], between: [0.02, 0.03] },
      { bytes: 'int8', shape: [5] },
      { shape: [], between: [2, 3] },
      { bytes: 'uint8', shape: [] },
    ],
  },
];
