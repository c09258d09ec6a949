/** Integer codes as ONNX's quantization operators have them: the ranges of their types, and which scale belongs to which. */
import { DataType } from './model.js';

/** Smallest and largest code of each type that codes may have. */
export const codeRanges: ReadonlyMap<number, readonly [number, number]> = new Map([
  [DataType.INT8, [-128, 127]],
  [DataType.UINT8, [0, 255]],
  [DataType.INT16, [-32768, 32767]],
  [DataType.UINT16, [0, 65535]],
  [DataType.INT4, [-8, 7]],
  [DataType.UINT4, [0, 15]],
  [DataType.INT2, [-2, 1]],
  [DataType.UINT2, [0, 3]],
]);

/**
 * Which scale belongs to each element: elements of one index along `axis` share one; with `blockSize`, also only that many
 * neighbours along the axis (DequantizeLinear of opset 21). Without an axis there is one scale for all.
 */
export function scaleIndex(
  dims: readonly number[],
  axis?: number,
  blockSize = 0,
): (element: number) => number {
  if (axis === undefined) return () => 0;
  const length = dims[axis]!;
  const inner = dims.slice(axis + 1).reduce((total, size) => total * size, 1);
  if (blockSize === 0) return (element) => Math.floor(element / inner) % length;
  const blocks = Math.ceil(length / blockSize);
  return (element) => {
    const along = Math.floor(element / inner) % length;
    const outer = Math.floor(element / (inner * length));
    return (outer * blocks + Math.floor(along / blockSize)) * inner + (element % inner);
  };
}
