import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 3, 4]] },
  { inputs: [[2, 3, 4]], attributes: { bias: { float: 0.3 }, lambd: { float: 0.77 } }, opset: 9 },
];
