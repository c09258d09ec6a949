/** A contiguous run of a long vector, starting where a tensor says: how training takes noise from its pool of normals. */
import * as tf from '@tensorflow/tfjs';
import { defineKernel, sizeOf, type Value } from '../kernel.js';
import type { Recorder } from '../recorder.js';
import { reshape, transpose } from '../rewrite.js';
import { sameShape, shape2 } from '../shapes.js';

/** Runs begin at multiples of this, and matrices are read in panels so many columns wide: whole vector registers, and whole lines of a cache. */
export const panelWidth = 16;

/** [panels, rows, panelWidth] for a matrix [rows, columns] that consists of whole panels. */
function panelsOf(shape: readonly number[]): [number, number, number] | undefined {
  if (shape.length !== 2) return undefined;
  const [rows, columns] = shape2(shape);
  return columns % panelWidth === 0 ? [columns / panelWidth, rows, panelWidth] : undefined;
}

export const takeRunKernel = defineKernel({
  name: 'TakeRun',
  lower(at) {
    const { recorder } = at;
    const [pool, offset] = [at.input('pool'), at.input('offset')];
    const shape: number[] = at.attrs.shape;
    const size = sizeOf(shape);
    const start = reshape(recorder, offset, [1]);
    const end = at.node('Add', [start, at.constant(Int32Array.of(size), [1], 'int32')], start);
    // Start, end and axis must be of one type.
    const axis = at.constant(Int32Array.of(0), [1], 'int32');
    const run = at.node('Slice', [pool, start, end, axis], { shape: [size], dtype: pool.dtype });
    const panels = panelsOf(shape);
    const rows = panels ? transpose(recorder, reshape(recorder, run, panels), [1, 0, 2]) : run;
    return reshape(recorder, rows, shape);
  },
  inputs: ['pool', 'offset'],
  eager({ pool, offset }, { shape }) {
    const run = tf.slice(pool, [...offset.dataSync()], [sizeOf(shape)]);
    const panels = panelsOf(shape);
    return (panels ? run.reshape(panels).transpose([1, 0, 2]) : run).reshape(shape);
  },
});

/** What a recorded matrix was read from in panels by `takeRun`, if it was. */
export function panelRunOf(recorder: Recorder, x: Value): { pool: Value; start: Value } | undefined {
  const panels = panelsOf(x.shape);
  if (!panels) return undefined;
  const operand = (opType: string, value: Value | undefined) => value && recorder.operandOf(value, opType);
  const rows = operand('Reshape', x);
  const inPanels = operand('Transpose', rows);
  const run = operand('Reshape', inPanels);
  const perm = rows && recorder.definition(rows)?.attributes.perm;
  const pool = operand('Slice', run);
  const start = run && recorder.definition(run)?.inputs[1];
  const isTaken = sameShape(inPanels?.shape, panels) && sameShape(perm as number[], [1, 0, 2]);
  // Slices of other kernels begin where an int64 constant says.
  return isTaken && pool && start && !recorder.numbers(start) ? { pool, start } : undefined;
}

/**
 * A tensor of `shape` from the values of `pool` from `offset` on (an int32 scalar, a multiple of `panelWidth`;
 * 0 <= offset <= pool.size - size of the shape), in order; a matrix panel by panel where it consists of whole panels, so that it
 * comes in the order of the blocked layout. Not differentiable.
 */
export function takeRun(pool: tf.Tensor1D, offset: tf.Tensor, shape: readonly number[]): tf.Tensor {
  return tf.engine().runKernel('TakeRun', { pool, offset }, { shape: [...shape] }) as tf.Tensor;
}
