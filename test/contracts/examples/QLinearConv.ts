import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  {
    inputs: [
      { bytes: 'uint8', shape: [1, 2, 5, 4] },
      { shape: [], between: [0.02, 0.03] },
      { bytes: 'uint8', shape: [] },
      { bytes: 'int8', shape: [3, 2, 3, 2] },
      { shape: [3], between: [0.02, 0.03] },
      { bytes: 'int8', shape: [3] },
      { shape: [], between: [2, 3] },
      { bytes: 'uint8', shape: [] },
    ],
    attributes: { pads: [1, 0, 1, 1], strides: [2, 1] },
  },
  {
    inputs: [
      { bytes: 'uint8', shape: [2, 4, 6] },
      { shape: [], between: [0.02, 0.03] },
      { bytes: 'uint8', shape: [] },
      { bytes: 'uint8', shape: [2, 2, 3] },
      { shape: [], between: [0.02, 0.03] },
      { bytes: 'uint8', shape: [] },
      { shape: [], between: [0.3, 0.4] },
      { bytes: 'uint8', shape: [] },
    ],
    attributes: { group: 2, dilations: [2] },
    opset: 10,
  },
];
