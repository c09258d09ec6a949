import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 3, 4]] },
  { inputs: [[3, 5]], opset: 7 },
  { inputs: [[2, 3, 4]], attributes: { alpha: { float: 0.7 } } },
];
