import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[3, 3], { ints: [1, 0, 2, 0, 2, 1], shape: [2, 3] }, [2, 3]], opset: 10 },
  { inputs: [[2, 2], { ints: [], shape: [0, 2] }, [0, 2]], opset: 10 },
  { inputs: [[1, 5], { ints: [1, -2], shape: [1, 2] }, [1, 2]], attributes: { axis: 1 }, opset: 10 },
];
