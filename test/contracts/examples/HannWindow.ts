import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [{ ints: 10 }] },
  { inputs: [{ ints: 9 }], attributes: { periodic: 0 }, opset: 17 },
];
