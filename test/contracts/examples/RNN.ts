import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  {
    inputs: [
      [3, 2, 4],
      [1, 5, 4],
      [1, 5, 5],
      [1, 10],
    ],
    attributes: { hidden_size: 5 },
    outputs: 2,
  },
  {
    inputs: [
      [2, 2, 4],
      [1, 3, 4],
      [1, 3, 3],
    ],
    attributes: { hidden_size: 3, activations: { strings: ['Softsign'] } },
    outputs: 2,
  },
  {
    inputs: [[3, 2, 4], [2, 2, 4], [2, 2, 2], null, { ints: [2, 3], type: 'int32' }, [2, 2, 2]],
    attributes: {
      hidden_size: 2,
      direction: 'bidirectional',
      activations: { strings: ['Affine', 'ScaledTanh'] },
      activation_alpha: { floats: [0.5, 0.8] },
      activation_beta: { floats: [0.1, 1.2] },
    },
    outputs: 2,
  },
  {
    inputs: [
      [3, 2, 4],
      [1, 2, 4],
      [1, 2, 2],
    ],
    attributes: { hidden_size: 2, direction: 'reverse', activations: { strings: ['Softsign'] } },
    opset: 7,
    outputs: 2,
  },
];
