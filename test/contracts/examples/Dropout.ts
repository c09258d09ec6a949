import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 3]] },
  { inputs: [[2, 3]], attributes: { ratio: { float: 0.3 } }, opset: 7 },
  { inputs: [[2, 3], { shape: [], between: [0.4, 0.5], gradient: false }] },
];
