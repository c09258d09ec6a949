import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  {
    inputs: [
      [3, 2, 4],
      [1, 9, 4],
      [1, 9, 3],
      [1, 18],
    ],
    attributes: { hidden_size: 3 },
    outputs: 2,
  },
  {
    inputs: [[3, 2, 4], [2, 6, 4], [2, 6, 2], [2, 12], { ints: [2, 3], type: 'int32' }, [2, 2, 2]],
    attributes: { hidden_size: 2, direction: 'bidirectional', linear_before_reset: 1 },
    outputs: 2,
  },
  {
    inputs: [
      [3, 2, 4],
      [1, 6, 4],
      [1, 6, 2],
    ],
    attributes: {
      hidden_size: 2,
      direction: 'reverse',
      clip: { float: 1.5 },
      activations: { strings: ['HardSigmoid', 'LeakyRelu'] },
      activation_alpha: { floats: [0.3, 0.2] },
    },
    opset: 7,
    outputs: 2,
  },
  {
    inputs: [
      [3, 2, 4],
      [1, 6, 4],
      [1, 6, 2],
    ],
    attributes: { hidden_size: 2, linear_before_reset: 1 },
    opset: 14,
    outputs: 2,
  },
];
