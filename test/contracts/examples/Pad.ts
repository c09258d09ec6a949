import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 3, 4], { ints: [0, 1, 2, 0, 0, 1] }] },
  { inputs: [[3, 4], { ints: [0, -1, 1, 2] }, { shape: [], between: [0.5, 0.6] }] },
  { inputs: [[3, 4], { ints: [2, 1, 0, 3] }], attributes: { mode: 'reflect' } },
  { inputs: [[3, 4], { ints: [1, 2] }, null, { ints: [1] }], attributes: { mode: 'edge' } },
  { inputs: [[3, 4], { ints: [1, 2, 3, 0] }], attributes: { mode: 'wrap' } },
  { inputs: [[3, 4]], attributes: { pads: [1, 0, 0, 2], value: { float: 0.5 } }, opset: 7 },
  { inputs: [{ ints: [1, 2, 3] }, { ints: [1, 2] }, { ints: 7 }] },
  { inputs: [{ bools: [1, 0, 1] }, { ints: [-1, 2] }] },
  { inputs: [[3, 0], { ints: [1, 2, 0, 0] }, { shape: [1], between: [0.5, 0.6] }] },
];
