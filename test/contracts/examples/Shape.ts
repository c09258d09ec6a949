import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 3, 4]] },
  { inputs: [[2, 3, 4]], attributes: { start: -2, end: 3 } },
  { inputs: [[2, 3, 4]], opset: 7 },
];
