import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[3, 5]] },
  { inputs: [[2, 3, 4]], attributes: { axis: 1 } },
  { inputs: [[2, 3, 4]], attributes: { axis: 1 }, opset: 11 },
  { inputs: [[2, 3, 4]], opset: 7 },
];
