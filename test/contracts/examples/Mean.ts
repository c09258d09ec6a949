import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 3]] },
  { inputs: [[2, 3], [3], [2, 1]] },
  { inputs: [[2, 3], [1]], opset: 8 },
];
