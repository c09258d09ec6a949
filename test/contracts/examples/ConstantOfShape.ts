import { DataType } from '../../../src/onnx/model.js';
import { makeTensor } from '../../../src/onnx/tensor.js';
import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [{ ints: [2, 3] }] },
  {
    inputs: [{ ints: [2] }],
    attributes: { value: { tensor: makeTensor('', DataType.INT64, [1], [7]) } },
    opset: 9,
  },
];
