import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 3, 4, 6]], attributes: { blocksize: 2 } },
  { inputs: [[1, 2, 3, 6]], attributes: { blocksize: 3 }, opset: 7 },
];
