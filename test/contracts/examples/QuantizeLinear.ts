import { DataType } from '../../../src/onnx/model.js';
import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 3], { shape: [], between: [0.05, 0.06] }, { bytes: 'int8', shape: [] }] },
  {
    inputs: [[2, 3, 2], { shape: [3], between: [0.05, 0.1] }, { bytes: 'uint8', shape: [3] }],
    attributes: { axis: 1 },
    opset: 13,
  },
  { inputs: [[2, 3], { shape: [], between: [0.05, 0.06] }], opset: 10 },
  {
    inputs: [[2, 5, 2], { shape: [2, 3, 2], between: [0.05, 0.1] }],
    attributes: { axis: -2, block_size: 2, output_dtype: DataType.INT16 },
  },
];
