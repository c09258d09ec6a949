import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 3], [3]] },
  { inputs: [{ ints: [1, 2, 3] }, { ints: [3, 2, 1] }] },
];
