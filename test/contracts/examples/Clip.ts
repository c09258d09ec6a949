import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 3, 4]], attributes: { min: { float: -0.3 }, max: { float: 0.6 } }, opset: 7 },
  { inputs: [[2, 3, 4]] },
  { inputs: [[2, 3, 4], { shape: [], between: [-0.5, -0.4], gradient: false }] },
  { inputs: [[2, 3, 4], null, { shape: [], between: [0.4, 0.5], gradient: false }] },
  {
    inputs: [[2, 3, 4], { shape: [], between: [-0.5, -0.4] }, { shape: [], between: [0.4, 0.5] }],
  },
];
