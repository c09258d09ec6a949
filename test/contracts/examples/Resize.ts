import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[1, 2, 3, 4], null, { numbers: [1, 1, 2, 3] }] },
  { inputs: [[1, 2, 3, 4], null, { numbers: [1, 1, 2, 1.7] }], attributes: { mode: 'linear' } },
  {
    inputs: [[1, 1, 5, 6], null, null, { ints: [1, 1, 8, 3] }],
    attributes: { mode: 'cubic', cubic_coeff_a: { float: -0.5 }, exclude_outside: 1 },
  },
  {
    inputs: [[1, 2, 7, 6], null, { numbers: [0.4, 0.6] }],
    attributes: { mode: 'linear', antialias: 1, axes: [2, 3] },
  },
  {
    inputs: [[1, 1, 4, 5], { numbers: [0, 0, 0.3, -0.1, 1, 1, 0.8, 1.2] }, null, { ints: [1, 1, 3, 4] }],
    attributes: {
      mode: 'linear',
      coordinate_transformation_mode: 'tf_crop_and_resize',
      extrapolation_value: { float: 3 },
    },
  },
  {
    inputs: [[2, 5, 6], null, null, { ints: [7, 8] }],
    attributes: {
      axes: [1, 2],
      keep_aspect_ratio_policy: 'not_larger',
      coordinate_transformation_mode: 'asymmetric',
      nearest_mode: 'floor',
    },
  },
  { inputs: [[1, 1, 4, 5], { numbers: [1, 1, 0.6, 1.5] }], opset: 10 },
  {
    inputs: [[1, 1, 2, 4], { numbers: [] }, { numbers: [1, 1, 2, 2] }],
    attributes: { mode: 'linear', coordinate_transformation_mode: 'align_corners' },
    opset: 11,
  },
];
