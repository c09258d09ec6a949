import { DataType } from '../../../src/onnx/model.js';
import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[3, 4]] },
  { inputs: [[4, 3]], attributes: { k: -1, dtype: DataType.INT64 }, opset: 9 },
  { inputs: [{ ints: [1, 2, 3, 4], shape: [2, 2] }], attributes: { k: 1 } },
];
