/** The attribute `stash_type` of normalization layers. */
import { DataType } from '../onnx/model.js';
import { int } from './attributes.js';

/** The type of the statistics: all floating-point types are computed in float32. */
export const stashType = (since: number) =>
  int(DataType.FLOAT, {
    since,
    only: [DataType.FLOAT, DataType.FLOAT16, DataType.BFLOAT16, DataType.DOUBLE],
  });
