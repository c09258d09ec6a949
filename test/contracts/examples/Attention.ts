import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  {
    inputs: [
      [2, 3, 4, 2],
      [2, 3, 5, 2],
      [2, 3, 5, 3],
    ],
    opset: 23,
  },
  {
    inputs: [
      [2, 3, 8],
      [2, 4, 4],
      [2, 4, 6],
      [3, 4],
    ],
    attributes: { q_num_heads: 4, kv_num_heads: 2, is_causal: 1, softcap: { float: 2 } },
    opset: 23,
  },
  {
    inputs: [
      [2, 2, 3, 2],
      [2, 2, 1, 2],
      [2, 2, 1, 2],
      { bools: [1, 0, 1, 1, 1, 1, 0, 1, 0], shape: [3, 3] },
      [2, 2, 2, 2],
      [2, 2, 2, 2],
    ],
    attributes: { scale: { float: 0.3 }, qk_matmul_output_mode: 3 },
    opset: 23,
    outputs: 4,
  },
];
