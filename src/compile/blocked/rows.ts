/** Moving rows of memory. */
import { sizeOf, type Value } from '../kernel.js';
import type { Recorder } from '../recorder.js';
import { extentOf } from '../shapes.js';

/** Rows of x [R, n] in another order, as [order.length, n]. Gather copies rows on many threads; Transpose has one. */
export function pickRows(recorder: Recorder, x: Value, order: readonly number[]): Value {
  if (order.length === x.shape[0] && order.every((row, i) => row === i)) return x;
  const out = { shape: [order.length, extentOf(x.shape, 1)], dtype: x.dtype } as const;
  return recorder.node('Gather', [x, recorder.int64(order)], out, { axis: 0 });
}

type RowPlaces<Extents extends readonly number[]> = { [Axis in keyof Extents]: number };

/** For every place in these extents, the last of them the fastest: the row that it is read from. */
export function rowsInOrder<const Extents extends readonly number[]>(
  extents: Extents,
  row: (place: RowPlaces<Extents>) => number,
): number[] {
  return Array.from({ length: sizeOf(extents) }, (_, index) => {
    let rest = index;
    const digits = extents.toReversed().map((extent) => {
      const digit = rest % extent;
      rest = Math.floor(rest / extent);
      return digit;
    });
    return row(digits.reverse() as RowPlaces<Extents>);
  });
}
