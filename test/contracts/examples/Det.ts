import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[3, 3]] },
  { inputs: [[2, 2, 2, 2]], opset: 11 },
  { inputs: [[1, 1]] },
  { inputs: [[2, 5, 5]] },
];
