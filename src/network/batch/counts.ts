/**
 * Values that follow from how many examples there are: shapes, and arithmetic on them. Beside each goes the value that it has
 * with the batch that the file fixes; where the two are equal nothing depends on the batch.
 */

import * as tf from '@tensorflow/tfjs';
import { sizeOf } from '../../compile/kernel.js';
import { extentOf } from '../../compile/shapes.js';
import type { Flow } from '../control/flow.js';
import type { PlannedNode } from '../plan.js';
import { type Apart, isMixed } from './apart.js';
import { seesShapes } from './rules.js';

/** The value in the file's own batch, or that it cannot be told. */
export type Own = tf.Tensor | 'unknown';

interface Counted {
  own?: Own | undefined;
  /** Examples that the value has along an axis, all with the same values. */
  batch?: Apart | undefined;
}

/** @param evaluate the node's operator on other operands */
export function ownResults(
  { node, attributes }: PlannedNode,
  operands: readonly (Flow | undefined)[],
  results: readonly (tf.Tensor | undefined)[],
  evaluate: (operands: readonly (Flow | undefined)[]) => readonly (tf.Tensor | undefined)[],
): Counted[] {
  const [operand] = operands;
  if (operand && seesShapes.has(node.opType))
    return results.map((result) => shapeCounted(node.opType, attributes, operand, result));
  const fed = operands.map((operand) => operand && ownFlow(operand));
  if (fed.includes('unknown')) return results.map(() => ({ own: 'unknown' }));
  const flows = fed as (Flow | undefined)[];
  if (flows.every((flow, i) => flow === operands[i])) return results.map(() => ({}));
  let own: readonly (tf.Tensor | undefined)[];
  try {
    own = evaluate(flows);
  } catch {
    // What cannot be computed in the file's own batch is not to be trusted in another.
    return results.map(() => ({ own: 'unknown' }));
  }
  return results.map((result, i) => {
    const before = own[i];
    if (!result || !before || same(result, before)) return {};
    const axis = filledAxis(node.opType, operands, before.shape, result.shape);
    if (axis === undefined) return { own: before };
    const batch = { axis, rows: 1, count: extentOf(result.shape, axis), fixed: before.shape[axis] };
    return { batch };
  });
}

/** The operand as it is in the file's own batch. */
function ownFlow(operand: Flow): Flow | 'unknown' {
  const { own } = operand;
  return own === 'unknown' ? 'unknown' : own ? { ...operand, tensor: own, own: undefined } : operand;
}

/** What is read off a shape. */
function shapeCounted(
  type: string,
  { start, end }: PlannedNode['attributes'],
  { own, batch, tensor }: Flow,
  result: tf.Tensor | undefined,
): Counted {
  if (own === 'unknown' || isMixed(batch)) return { own: 'unknown' };
  const shape = own ? own.shape : batch ? ownShape(tensor.shape, batch) : tensor.shape;
  if (shape.join() === tensor.shape.join()) return {};
  if (type === 'EyeLike') return { own: 'unknown' };
  const extents = shape.slice((start as number | undefined) ?? 0, end as number | undefined);
  const before = type === 'Size' ? tf.scalar(sizeOf(shape), 'int32') : tf.tensor1d(extents, 'int32');
  return result && same(result, before) ? {} : { own: before };
}

function ownShape(shape: readonly number[], { axis, rows, fixed, count }: Apart): number[] {
  return shape.map((extent, i) => (i === axis ? (fixed ?? count) * rows : extent));
}

function same(a: tf.Tensor, b: tf.Tensor): boolean {
  if (a.shape.join() !== b.shape.join()) return false;
  try {
    const values = b.dataSync();
    return Array.from(a.dataSync()).every((value, i) => Object.is(value, values[i]) || value === values[i]);
  } catch {
    return false;
  }
}

/** The axis along which a result repeats one and the same as often as there are examples. */
function filledAxis(
  type: string,
  [input]: readonly (Flow | undefined)[],
  own: readonly number[],
  actual: readonly number[],
): number | undefined {
  const changed = actual.flatMap((extent, axis) => (extent === own[axis] ? [] : [axis]));
  const [axis] = changed;
  if (axis === undefined || changed.length !== 1 || own.length !== actual.length) return undefined;
  if (type === 'ConstantOfShape') return axis;
  if ((type !== 'Expand' && type !== 'Tile') || !input) return undefined;
  const before = input.tensor.shape[axis - (actual.length - input.tensor.rank)] ?? 1;
  return before === 1 && !input.own ? axis : undefined;
}
