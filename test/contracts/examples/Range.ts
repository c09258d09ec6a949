import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [{ ints: 2 }, { ints: 9 }, { ints: 3 }] },
  { inputs: [{ ints: 9 }, { ints: 2 }, { ints: -3 }], opset: 11 },
  { inputs: [{ ints: 9 }, { ints: 2 }, { ints: 1 }] },
  {
    inputs: [
      { shape: [], between: [0.1, 0.2], gradient: false },
      { shape: [], between: [2, 3], gradient: false },
      { shape: [], between: [0.3, 0.4], gradient: false },
    ],
  },
];
