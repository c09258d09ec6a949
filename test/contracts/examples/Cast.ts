import { DataType } from '../../../src/onnx/model.js';
import type { Example } from '../example.js';

export const examples: readonly Example[] = [
  { inputs: [[2, 3]], attributes: { to: DataType.FLOAT } },
  { inputs: [{ ints: [1, 0, 300] }], attributes: { to: DataType.FLOAT }, opset: 7 },
  { inputs: [{ ints: [-1, 0, 300, 128] }], attributes: { to: DataType.INT8 } },
  { inputs: [{ ints: [1, 0, 300] }], attributes: { to: DataType.BOOL } },
];
