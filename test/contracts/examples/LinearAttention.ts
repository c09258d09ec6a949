import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  {
    inputs: [
      [2, 3, 8],
      [2, 3, 4],
      [2, 3, 6],
      [2, 2, 2, 3],
      [2, 3, 4],
      [2, 3, 1],
    ],
    attributes: { q_num_heads: 4, kv_num_heads: 2, scale: { float: 0.5 } },
    opset: 27,
    outputs: 2,
  },
  {
    inputs: [[1, 2, 2], [1, 2, 2], [1, 2, 2], null, [1, 2, 2]],
    attributes: { q_num_heads: 2, kv_num_heads: 2, update_rule: 'gated' },
    opset: 27,
    outputs: 2,
  },
];
