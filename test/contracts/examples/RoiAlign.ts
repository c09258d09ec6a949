import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  {
    inputs: [
      [2, 3, 6, 7],
      { numbers: [0.3, 0.6, 5.2, 4.1, 1.3, 0.2, 6.6, 5.9, -2, 1.1, 3.4, 7.8], shape: [3, 4] },
      { ints: [0, 1, 1] },
    ],
    attributes: { output_height: 2, output_width: 3, sampling_ratio: 2 },
    opset: 16,
  },
  {
    inputs: [[2, 2, 6, 6], { shape: [2, 4], between: [0.6, 5.4] }, { ints: [1, 0] }],
    attributes: { output_height: 2, output_width: 2, sampling_ratio: 2 },
    opset: 16,
  },
  {
    inputs: [
      [1, 2, 6, 7],
      { numbers: [0.3, 0.6, 5.2, 4.1, 1.3, 0.2, 1.6, 5.9], shape: [2, 4] },
      { ints: [0, 0] },
    ],
    attributes: { output_height: 2, output_width: 2, spatial_scale: { float: 0.75 } },
    opset: 16,
  },
  {
    inputs: [
      [1, 2, 6, 7],
      { numbers: [0.3, 0.6, 5.2, 4.1, 1.3, 0.2, 1.6, 5.9], shape: [2, 4] },
      { ints: [0, 0] },
    ],
    attributes: { output_height: 3, output_width: 2, sampling_ratio: 1 },
    opset: 10,
  },
  {
    inputs: [
      { shape: [1, 2, 6, 7], between: [0.2, 3] },
      { numbers: [0.3, 0.6, 5.2, 4.1], shape: [1, 4] },
      { ints: [0] },
    ],
    attributes: {
      output_height: 2,
      output_width: 2,
      mode: 'max',
      coordinate_transformation_mode: 'output_half_pixel',
    },
    opset: 16,
  },
];
