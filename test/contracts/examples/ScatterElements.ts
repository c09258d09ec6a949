import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[3, 3], { ints: [1, 0, 2, 0, 2, 1], shape: [2, 3] }, [2, 3]] },
  { inputs: [[2, 2], { ints: [], shape: [0, 2] }, [0, 2]] },
  { inputs: [[1, 5], { ints: [1, -2], shape: [1, 2] }, [1, 2]], attributes: { axis: 1 } },
  { inputs: [[3, 3], { ints: [1, 0, 2, 0, 2, 1], shape: [2, 3] }, [2, 3]], opset: 11 },
  {
    inputs: [[3, 2], { ints: [1, 1, 1, -2, 0, 1], shape: [3, 2] }, [3, 2]],
    attributes: { reduction: 'add' },
  },
  {
    inputs: [[3, 2], { ints: [1, 1, 1, -2, 0, 1], shape: [3, 2] }, [3, 2]],
    attributes: { reduction: 'mul' },
    opset: 16,
  },
  {
    inputs: [[3, 2], { ints: [1, 1, 1, -2, 0, 1], shape: [3, 2] }, [3, 2]],
    attributes: { reduction: 'max' },
  },
  {
    inputs: [[3, 2], { ints: [1, 1, 1, -2, 0, 1], shape: [3, 2] }, [3, 2]],
    attributes: { reduction: 'min' },
  },
];
