import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [{ ints: [1, -1, 0, 7, -5], shape: [5] }, { ints: 4 }, [2]] },
  { inputs: [{ ints: [1, 2, 0, 1, 1, -3], shape: [2, 3] }, { ints: [3] }, [2]], attributes: { axis: 1 } },
  { inputs: [{ ints: [2, 0] }, { ints: 3 }, { ints: [2, 5] }], attributes: { axis: 0 }, opset: 9 },
];
