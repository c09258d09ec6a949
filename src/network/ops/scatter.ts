/**
 * Operators that write into a tensor at places that indices give (ONNX: Scatter, ScatterElements, ScatterND, TensorScatter).
 */
import * as tf from '@tensorflow/tfjs';
import {
  type ScatterReduction,
  scatterElements,
  scatterReductions,
  scatterTuples,
} from '../../compile/kernels/addressed.js';
import { int, string } from '../attributes.js';
import { axisOf } from '../axes.js';
import { broadcastTo, checkElements } from '../broadcast.js';
import { defineOperator, type Refusal, UnsupportedForm } from '../operator.js';
import { withoutGradient } from '../withoutGradient.js';

const reduction = string('none', { since: 16, only: scatterReductions });

/** Only from opset 18 on there are extrema. */
function checkReduction(wanted: string, opset: number): Refusal[] {
  const early = opset < 18 && (wanted === 'max' || wanted === 'min');
  return early ? [{ what: `reduction "${wanted}" does not exist in opset ${opset}` }] : [];
}

/** Truth values are added and multiplied as numbers, and are truth values again. */
function reduced(
  data: tf.Tensor,
  updates: tf.Tensor,
  how: ScatterReduction,
  scatter: (data: tf.Tensor, updates: tf.Tensor) => tf.Tensor,
): tf.Tensor {
  if (data.dtype !== 'bool' || how === 'none') return scatter(data, updates);
  return scatter(data.cast('int32'), updates.cast('int32')).cast('bool');
}

function evaluateElements(
  { data, indices, updates }: { data: tf.Tensor; indices: tf.Tensor; updates: tf.Tensor },
  attributes: { axis: number; reduction?: string },
): tf.Tensor {
  const axis = axisOf(attributes.axis, data.rank);
  const how = (attributes.reduction ?? 'none') as ScatterReduction;
  checkElements(data, indices, axis);
  if (updates.shape.join() !== indices.shape.join())
    throw new UnsupportedForm(`updates [${updates.shape}] for indices [${indices.shape}]`);
  return reduced(data, updates, how, (x, values) => scatterElements(x, indices, values, axis, how));
}

/** output = that of ScatterElements, whose name this was until opset 10. */
export const Scatter = defineOperator({
  type: 'Scatter',
  since: [9],
  inputs: ['data', 'indices', 'updates'],
  attributes: { axis: int(0) },
  check: (_, opset) =>
    opset < 11 ? [] : [{ what: 'the operator ended with opset 10', hint: 'it is named ScatterElements now' }],
  evaluate: evaluateElements,
  gradient: 'yes',
});

/** output = data, but output[i with indices[i] in place of its element `axis`] = updates[i], or reduced with it. */
export const ScatterElements = defineOperator({
  type: 'ScatterElements',
  since: [11, 13, 16, 18],
  inputs: ['data', 'indices', 'updates'],
  attributes: { axis: int(0), reduction },
  check: (attributes, opset) => checkReduction(attributes.reduction, opset),
  evaluate: evaluateElements,
  gradient: 'yes',
});

/**
 * output = data, but output[indices[i, :], s] = updates[i, s], or reduced with it: the last axis of the indices holds
 * tuples.
 */
export const ScatterND = defineOperator({
  type: 'ScatterND',
  since: [11, 13, 16, 18],
  inputs: ['data', 'indices', 'updates'],
  attributes: { reduction },
  check: (attributes, opset) => checkReduction(attributes.reduction, opset),
  evaluate({ data, indices, updates }, attributes) {
    const depth = indices.shape.at(-1) ?? 0;
    const wanted = [...indices.shape.slice(0, -1), ...data.shape.slice(depth)];
    if (depth < 1 || depth > data.rank || updates.shape.join() !== wanted.join())
      throw new UnsupportedForm(
        `updates [${updates.shape}] for indices [${indices.shape}] into [${data.shape}]`,
      );
    const how = attributes.reduction as ScatterReduction;
    return reduced(data, updates, how, (x, values) => scatterTuples(x, indices, values, how));
  },
  gradient: 'yes',
});

/**
 * present_cache = past_cache, but present_cache[b, ..., write_indices[b] + t, ...] = update[b, ..., t, ...]: the steps of
 * `update` go into a cache [batch, ..., axis, ...], from an index on that each example has for itself (0 if none is given).
 * A circular cache goes on at its start; behind the end of a linear one nothing may be written.
 */
export const TensorScatter = defineOperator({
  type: 'TensorScatter',
  since: [24],
  inputs: ['past_cache', 'update', 'write_indices?'],
  attributes: { axis: int(-2), mode: string('linear', { only: ['linear', 'circular'] }) },
  evaluate({ past_cache, update, write_indices }, { mode, ...attributes }) {
    const axis = axisOf(attributes.axis, past_cache.rank);
    const [extent, steps] = [past_cache.shape[axis]!, update.shape[axis]!];
    const batch = past_cache.shape[0]!;
    const wanted = past_cache.shape.map((n, i) => (i === axis ? steps : n));
    if (axis === 0 || update.shape.join() !== wanted.join() || steps > extent)
      throw new UnsupportedForm(`an update [${update.shape}] along axis ${axis} of [${past_cache.shape}]`);
    if (write_indices && write_indices.shape.join() !== `${batch}`)
      throw new UnsupportedForm(`write_indices [${write_indices.shape}] for ${batch} examples`);
    if (update.size === 0) return past_cache.clone();
    const along = (n: number, at: number) => past_cache.shape.map((_, i) => (i === at ? n : 1));
    const here = tf.range(0, steps, 1, 'int32').reshape(along(steps, axis));
    const places = withoutGradient((first) => {
      const place = first!.cast('int32').reshape(along(batch, 0)).add(here);
      return mode === 'circular' ? place.mod(tf.scalar(extent, 'int32')) : place;
    });
    const first = write_indices ?? tf.zeros([batch], 'int32');
    return scatterElements(past_cache, broadcastTo(places(first), wanted), update, axis, 'none');
  },
  gradient: 'yes',
});
