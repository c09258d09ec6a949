/** Operators that write into a tensor at places that indices give. */
import type * as tf from '@tensorflow/tfjs';
import {
  type ScatterReduction,
  scatterElements,
  scatterReductions,
  scatterTuples,
} from '../../compile/kernels/addressed.js';
import { int, string } from '../attributes.js';
import { axisOf } from '../axes.js';
import { checkElements } from '../broadcast.js';
import { defineOperator, type Example, type Refusal, UnsupportedForm } from '../operator.js';

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

const elements: Example[] = [
  { inputs: [[3, 3], { ints: [1, 0, 2, 0, 2, 1], shape: [2, 3] }, [2, 3]] },
  { inputs: [[2, 2], { ints: [], shape: [0, 2] }, [0, 2]] },
  { inputs: [[1, 5], { ints: [1, -2], shape: [1, 2] }, [1, 2]], attributes: { axis: 1 } },
];
const repeated = { inputs: [[3, 2], { ints: [1, 1, 1, -2, 0, 1], shape: [3, 2] }, [3, 2]] } as const;

/** The name of ScatterElements until opset 10. */
export const Scatter = defineOperator({
  type: 'Scatter',
  since: [9],
  inputs: ['data', 'indices', 'updates'],
  attributes: { axis: int(0) },
  check: (_, opset) =>
    opset < 11 ? [] : [{ what: 'the operator ended with opset 10', hint: 'it is named ScatterElements now' }],
  evaluate: evaluateElements,
  gradient: 'yes',
  examples: elements.map((example) => ({ ...example, opset: 10 })),
});

export const ScatterElements = defineOperator({
  type: 'ScatterElements',
  since: [11, 13, 16, 18],
  inputs: ['data', 'indices', 'updates'],
  attributes: { axis: int(0), reduction },
  check: (attributes, opset) => checkReduction(attributes.reduction, opset),
  evaluate: evaluateElements,
  gradient: 'yes',
  examples: [
    ...elements,
    { ...elements[0]!, opset: 11 },
    { ...repeated, attributes: { reduction: 'add' } },
    { ...repeated, attributes: { reduction: 'mul' }, opset: 16 },
    { ...repeated, attributes: { reduction: 'max' } },
    { ...repeated, attributes: { reduction: 'min' } },
  ],
});

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
  examples: [
    { inputs: [[4, 2], { ints: [3, 1], shape: [2, 1] }, [2, 2]] },
    { inputs: [[2, 3, 2], { ints: [0, -1, 1, 0], shape: [2, 2] }, [2, 2]], opset: 11 },
    {
      inputs: [[3, 2], { ints: [1, 1, 0, -1], shape: [2, 2, 1] }, [2, 2, 2]],
      attributes: { reduction: 'add' },
    },
    {
      inputs: [[3, 2], { ints: [1, 0, 1, 0], shape: [2, 2] }, [2]],
      attributes: { reduction: 'mul' },
      opset: 16,
    },
    { inputs: [[3, 2], { ints: [1, 1, 0], shape: [3, 1] }, [3, 2]], attributes: { reduction: 'max' } },
    { inputs: [[3, 2], { ints: [1, 1, 0], shape: [3, 1] }, [3, 2]], attributes: { reduction: 'min' } },
  ],
});
