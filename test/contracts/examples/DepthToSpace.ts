import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 8, 2, 3]], attributes: { blocksize: 2 } },
  { inputs: [[1, 18, 2, 1]], attributes: { blocksize: 3, mode: 'CRD' } },
  { inputs: [[1, 4, 3, 2]], attributes: { blocksize: 2 }, opset: 7 },
];
