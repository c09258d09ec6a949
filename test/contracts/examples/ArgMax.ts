import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[3, 4]] },
  { inputs: [[3, 4, 2]], attributes: { axis: -2, keepdims: 0 }, opset: 7 },
  { inputs: [[3, 4]], attributes: { axis: 1, select_last_index: 1 } },
  { inputs: [{ ints: [2, 7, 7, 2] }], attributes: { select_last_index: 1 } },
  { inputs: [{ ints: [2, 7, 7, 2] }], attributes: { keepdims: 0 } },
];
