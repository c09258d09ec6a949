import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 3, 4]] },
  { inputs: [[2, 3, 4, 5]], attributes: { perm: [0, 2, 3, 1] }, opset: 7 },
];
