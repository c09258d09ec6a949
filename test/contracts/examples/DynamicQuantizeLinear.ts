import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 3, 4]], outputs: 3 },
  { inputs: [{ shape: [4, 5], between: [1, 2] }], outputs: 3, opset: 11 },
  { inputs: [{ shape: [6], between: [-3, -1] }], outputs: 3 },
];
