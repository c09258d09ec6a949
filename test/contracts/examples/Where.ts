import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [{ bools: [1, 0, 1] }, [2, 3], [2, 3]] },
  { inputs: [{ bools: [1, 0, 1] }, [2, 3], [3]], opset: 9 },
  { inputs: [{ bools: [1, 0, 1] }, { ints: [1, 2, 3] }, { ints: 4 }] },
];
