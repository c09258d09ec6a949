/** Integer types of ONNX in tfjs's int32: narrow ones wrap around where they overflow, as two's complement does. */

import * as tf from '@tensorflow/tfjs';
import { int32 } from '../int32.js';
import { codeRanges } from '../onnx/codes.js';
import { DataType } from '../onnx/model.js';

/** Whether half of the type's values do not fit into int32. */
export function isWideUnsigned(elementType: number | undefined): boolean {
  return elementType === DataType.UINT32 || elementType === DataType.UINT64;
}

/** The low bits only. Tensors that are not int32, and types that are not narrow, stay as they are. */
export function wrapAround(x: tf.Tensor, elementType: number | undefined): tf.Tensor {
  const range = codeRanges.get(elementType ?? DataType.UNDEFINED);
  if (!range || x.dtype !== 'int32') return x;
  const [low, high] = range;
  const size = tf.scalar(high - low + 1, 'int32');
  return x.sub(tf.scalar(low, 'int32')).mod(size).add(tf.scalar(low, 'int32'));
}

/** Smallest and largest value that is kept of a type: its own, or those of int32. */
export function integerRange(elementType: number | undefined): readonly [number, number] {
  if (isWideUnsigned(elementType)) return [0, int32.highest];
  return codeRanges.get(elementType ?? DataType.UNDEFINED) ?? [int32.lowest, int32.highest];
}

/** |x| of an int32 tensor. tfjs's own kernels for |x| and x^2 go through float32, which holds no integer beyond 2^24. */
export function integerMagnitude(x: tf.Tensor): tf.Tensor {
  return x.maximum(x.neg());
}
