import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 3, 4, 6], [5, 3], [5, 3], { ints: [0, 1, 2, 3, 1, 2, 4, 0], shape: [2, 4] }], opset: 23 },
  {
    inputs: [
      [2, 3, 8],
      [2, 3, 1],
      [2, 3, 1],
    ],
    attributes: { num_heads: 2, rotary_embedding_dim: 2, interleaved: 1 },
    opset: 23,
  },
];
