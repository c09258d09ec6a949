import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 6, 1]] },
  { inputs: [[2, 5, 3, 2], null, { ints: 1 }], attributes: { inverse: 1 } },
  { inputs: [[2, 6, 1], { ints: 8 }], attributes: { onesided: 1 } },
  { inputs: [[2, 6, 1], { ints: 4 }], attributes: { axis: 1 }, opset: 17 },
];
