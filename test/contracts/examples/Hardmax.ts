import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[3, 4, 2]] },
  { inputs: [[3, 4, 2]], attributes: { axis: 1 } },
  { inputs: [[3, 4, 2]], opset: 7 },
  { inputs: [[3, 4, 2]], attributes: { axis: -1 }, opset: 11 },
];
