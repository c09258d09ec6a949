import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 3, 4, 5]], opset: 18 },
  { inputs: [[2, 3, 4]], attributes: { p: 3 }, opset: 7 },
  { inputs: [[2, 3, 2, 2, 2]], attributes: { p: 1 }, opset: 18 },
];
