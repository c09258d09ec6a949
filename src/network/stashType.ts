/** Attributes that name a floating-point type to compute in: all of them are computed in float32. */
import { DataType } from '../onnx/model.js';
import { int } from './attributes.js';

const only = [DataType.FLOAT, DataType.FLOAT16, DataType.BFLOAT16, DataType.DOUBLE];

/** That of the statistics of a normalization layer, or of the numbers of a range. */
export const stashType = (since: number) => int(DataType.FLOAT, { since, only });

/** That of a softmax. */
export const softmaxType = (since: number) => int(undefined, { since, only });
