import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  {
    inputs: [
      { ints: 8 },
      { ints: 64 },
      { ints: 8192 },
      { shape: [], between: [10, 10], gradient: false },
      { shape: [], between: [4096, 4096], gradient: false },
    ],
  },
];
