import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  {
    inputs: [
      [3, 2, 4],
      [1, 12, 4],
      [1, 12, 3],
      [1, 24],
    ],
    attributes: { hidden_size: 3 },
    outputs: 3,
  },
  {
    inputs: [
      [3, 2, 4],
      [2, 8, 4],
      [2, 8, 2],
      [2, 16],
      { ints: [2, 3], type: 'int32' },
      [2, 2, 2],
      [2, 2, 2],
      [2, 6],
    ],
    attributes: { hidden_size: 2, direction: 'bidirectional' },
    opset: 14,
    outputs: 3,
  },
  {
    inputs: [
      [3, 2, 4],
      [1, 8, 4],
      [1, 8, 2],
      [1, 16],
    ],
    attributes: { hidden_size: 2, direction: 'reverse', input_forget: 1, clip: { float: 0.8 } },
    opset: 7,
    outputs: 3,
  },
  {
    inputs: [
      [3, 2, 4],
      [1, 8, 4],
      [1, 8, 2],
    ],
    attributes: {
      hidden_size: 2,
      activations: { strings: ['HardSigmoid', 'Elu', 'Softplus'] },
      activation_alpha: { floats: [0.3] },
      activation_beta: { floats: [0.4] },
    },
    outputs: 3,
  },
];
