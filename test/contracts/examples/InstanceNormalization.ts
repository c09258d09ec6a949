import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 3, 4, 5], [3], [3]] },
  { inputs: [[2, 3, 6], [3], [3]], opset: 7 },
];
