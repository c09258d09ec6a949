import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 3, 2, 3]], attributes: { scales: { floats: [1, 1, 2, 3] } }, opset: 7 },
  { inputs: [[1, 2, 3, 2]], attributes: { scales: { floats: [1, 1, 2, 2] }, mode: 'linear' }, opset: 7 },
];
