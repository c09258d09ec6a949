/**
 * ScatterND with a reduction, in ONNX. onnxruntime takes its updates in parallel without keeping those of one place apart
 * (1.30, two threads: 400,000 ones added up to 51,046 ... 260,475), so where places may repeat, and unless they are known they
 * may, the rows are scattered element by element: ScatterElements takes them one after the other.
 */

import { constantElements } from '../constants.js';
import { type Lowering, like, sizeOf, type Value } from '../kernel.js';
import { expand, reshape } from '../rewrite.js';
import { extentOf } from '../shapes.js';

/** x [...places, ...row] with the updates [...tuples, ...row] combined into the places that the tuples name. */
export function lowerScatterTuples(
  at: Lowering,
  x: Value,
  indices: Value,
  updates: Value,
  reduction: string,
): Value {
  if (sizeOf(updates.shape) === 0) return x;
  const byTuples = () => {
    const wide = at.node('Cast', [indices], like(indices), { to: 7 });
    return at.node('ScatterND', [x, wide, updates], like(x), { reduction });
  };
  if (reduction === 'none') return byTuples();
  const depth = extentOf(indices.shape, -1);
  const [extents, row] = [x.shape.slice(0, depth), sizeOf(x.shape.slice(depth))];
  const count = sizeOf(indices.shape.slice(0, -1));
  const places = flatPlaces(at, indices, extents, count);
  const known = constantElements(places);
  if (known && new Set(known).size === known.length) return byTuples();
  const { recorder } = at;
  const rows = reshape(recorder, x, [sizeOf(extents), row]);
  const columns = expand(recorder, reshape(recorder, places, [count, 1]), [count, row]);
  const combined = at.node(
    'ScatterElements',
    [rows, columns, reshape(recorder, updates, [count, row])],
    like(rows),
    { axis: 0, reduction },
  );
  return reshape(recorder, combined, x.shape);
}

/** The number of the row to which each tuple leads. */
function flatPlaces(at: Lowering, indices: Value, extents: readonly number[], count: number): Value {
  const depth = extents.length;
  const axes = extents.map((extent, axis) => ({ extent, stride: sizeOf(extents.slice(axis + 1)) }));
  const known = constantElements(indices);
  if (known) {
    const place = (i: number) =>
      axes.reduce((sum, { extent, stride }, d) => {
        const index = known[i * depth + d]!;
        return sum + stride * (index < 0 ? index + extent : index);
      }, 0);
    return at.constant(
      Int32Array.from({ length: count }, (_, i) => place(i)),
      [count],
      'int32',
    );
  }
  // ScatterElements counts from the end itself.
  if (depth === 1) return indices;
  const vector = (numbers: readonly number[]) => at.constant(Int32Array.from(numbers), [depth], 'int32');
  const fromEnd = at.node('Less', [indices, at.constant(0, [], 'int32')], like(indices, 'bool'));
  const counted = at.node('Add', [indices, vector(extents)], like(indices));
  const positive = at.node('Where', [fromEnd, counted, indices], like(indices));
  const offsets = at.node('Mul', [positive, vector(axes.map(({ stride }) => stride))], like(indices));
  const shape = [...indices.shape.slice(0, -1), 1];
  return at.node('ReduceSum', [offsets, at.int64([-1])], { shape, dtype: 'int32' }, { keepdims: 1 });
}
