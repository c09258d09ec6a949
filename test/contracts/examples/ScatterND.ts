import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[4, 2], { ints: [3, 1], shape: [2, 1] }, [2, 2]] },
  { inputs: [[2, 3, 2], { ints: [0, -1, 1, 0], shape: [2, 2] }, [2, 2]], opset: 11 },
  {
    inputs: [[3, 2], { ints: [1, 1, 0, -1], shape: [2, 2, 1] }, [2, 2, 2]],
    attributes: { reduction: 'add' },
  },
  {
    inputs: [[3, 2], { ints: [1, 0, 1, 0], shape: [2, 2] }, [2]],
    attributes: { reduction: 'mul' },
    opset: 16,
  },
  { inputs: [[3, 2], { ints: [1, 1, 0], shape: [3, 1] }, [3, 2]], attributes: { reduction: 'max' } },
  { inputs: [[3, 2], { ints: [1, 1, 0], shape: [3, 1] }, [3, 2]], attributes: { reduction: 'min' } },
];
