/**
 * A signed integer of 32 bits: what tfjs computes integers in, and what an Int32Array holds. As the end of a Slice either number
 * means "to the end", by the advice of the ONNX specification (Slice, `ends`).
 */
export const int32 = { lowest: -(2 ** 31), highest: 2 ** 31 - 1 } as const;
