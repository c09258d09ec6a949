/** Moving rows of memory. */
import type { Value } from '../kernel.js';
import type { Recorder } from '../recorder.js';

/** Rows of x [R, n] in another order, as [order.length, n]. Gather copies rows on many threads; Transpose has one. */
export function pickRows(recorder: Recorder, x: Value, order: readonly number[]): Value {
  if (order.length === x.shape[0] && order.every((row, i) => row === i)) return x;
  const out = { shape: [order.length, x.shape[1]!], dtype: x.dtype } as const;
  return recorder.emit('Gather', [x, recorder.int64(order)], [out], { axis: 0 })[0]!;
}

/** The digits of `index` in the mixed base `extents`, the last the fastest. */
export function digitsOf(index: number, extents: readonly number[]): number[] {
  const digits: number[] = [];
  let rest = index;
  for (const extent of [...extents].reverse()) {
    digits.unshift(rest % extent);
    rest = Math.floor(rest / extent);
  }
  return digits;
}
