import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 5, 3, 2]], attributes: { size: 3, alpha: { float: 0.5 } } },
  {
    inputs: [[2, 4, 2, 3]],
    attributes: { size: 5, alpha: { float: 0.3 }, beta: { float: 0.6 }, bias: { float: 2 } },
    opset: 7,
  },
];
