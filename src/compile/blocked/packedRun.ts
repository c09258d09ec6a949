/**
 * Noise for a packed matrix (matrices.ts): a run of a vector (kernels/takeRun.ts) is taken line by line in the order of the packed
 * matrix. Gather does that in one pass on many threads; Slice, on one thread, and ReorderInput would be two.
 */

import { constantValue } from '../constants.js';
import { sizeOf, type Value } from '../kernel.js';
import { panelRunOf, panelWidth } from '../kernels/takeRun.js';
import type { Recorder } from '../recorder.js';
import { reshape } from '../rewrite.js';
import { shape2 } from '../shapes.js';

/** x [P, Q] as [Q / block, P, block], if it is such a run. */
export function packedRun(recorder: Recorder, block: number, x: Value): Value | undefined {
  const run = panelRunOf(recorder, x);
  if (!run || panelWidth % block !== 0 || sizeOf(run.pool.shape) % block !== 0) return undefined;
  const [rows, columns] = shape2(x.shape);
  const perPanel = panelWidth / block;
  const order = Int32Array.from({ length: (rows * columns) / block }, (_, i) => {
    const [part, row] = [Math.floor(i / rows), i % rows];
    return (Math.floor(part / perPanel) * rows + row) * perPanel + (part % perPanel);
  });
  const line = recorder.node('Div', [run.start, constantValue(Int32Array.of(block), [1], 'int32')], {
    shape: [1],
    dtype: 'int32',
  });
  const lines = { shape: [order.length], dtype: 'int32' } as const;
  const taken = recorder.node('Add', [constantValue(order, lines.shape, 'int32'), line], lines);
  const pool = reshape(recorder, run.pool, [sizeOf(run.pool.shape) / block, block]);
  const out = { shape: [order.length, block], dtype: 'float32' } as const;
  return recorder.node('Gather', [pool, taken], out, { axis: 0 });
}
