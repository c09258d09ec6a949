import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 16, 1], { ints: 4 }, [8]] },
  { inputs: [[1, 16, 1], { ints: 3 }, null, { ints: 6 }], attributes: { onesided: 0 }, opset: 17 },
];
