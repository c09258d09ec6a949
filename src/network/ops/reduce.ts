/** Reductions over axes, which are an attribute or, in newer operator sets, an operand. */
import type * as tf from '@tensorflow/tfjs';
import { int, ints } from '../attributes.js';
import { axesOf, integers } from '../axes.js';
import { defineOperator, type Example, type Operator, UnsupportedForm } from '../operator.js';

type Elementwise = (x: tf.Tensor) => tf.Tensor;
interface Reduction {
  /** Applied to the elements; also where there is nothing to reduce. */
  before?: Elementwise;
  reduce(x: tf.Tensor, axes: number[], keep: boolean): tf.Tensor;
  after?: Elementwise;
}

const same: Elementwise = (x) => x;

/** Of integers, ONNX rounds these to integers; tfjs gives floats. */
const fractional = new Set(['ReduceMean', 'ReduceL2']);

/** @param operandSince the operator set in which the axes became an operand */
function reduction(type: string, since: number[], operandSince: number, steps: Reduction): Operator {
  const { before = same, reduce, after = same } = steps;
  return defineOperator({
    type,
    since,
    inputs: ['data', 'axes?'],
    structural: ['axes'],
    attributes: {
      axes: ints(undefined, { until: operandSince }),
      keepdims: int(1),
      noop_with_empty_axes: int(0, { since: operandSince }),
    },
    evaluate({ data, axes }, { keepdims, noop_with_empty_axes, ...attributes }) {
      if (fractional.has(type) && data.dtype !== 'float32')
        throw new UnsupportedForm(`data of type ${data.dtype}`, 'cast it to float32 first');
      const given = axes ? integers(axes) : (attributes.axes ?? []);
      if (given.length === 0 && noop_with_empty_axes !== 0) return after(before(data)).clone();
      const all = [...data.shape.keys()];
      return after(reduce(before(data), given.length > 0 ? axesOf(given, data.rank) : all, keepdims !== 0));
    },
    gradient: 'yes',
    examples: examples(operandSince),
  });
}

function examples(operandSince: number): Example[] {
  return [
    { inputs: [[2, 3, 4], { ints: [1, -1] }] },
    { inputs: [[2, 3, 4]], attributes: { keepdims: 0 } },
    { inputs: [[2, 3, 4]], attributes: { noop_with_empty_axes: 1 } },
    { inputs: [[2, 3, 4]], attributes: { axes: [0, 2], keepdims: 0 }, opset: operandSince - 1 },
    { inputs: [[2, 3, 4]], attributes: { axes: [1] }, opset: 7 },
  ];
}

const sum: Reduction['reduce'] = (x, axes, keep) => x.sum(axes, keep);
const square: Elementwise = (x) => x.square();

export const ReduceSum = reduction('ReduceSum', [1, 11, 13], 13, { reduce: sum });
export const ReduceMean = reduction('ReduceMean', [1, 11, 13, 18], 18, {
  reduce: (x, axes, keep) => x.mean(axes, keep),
});
export const ReduceMax = reduction('ReduceMax', [1, 11, 12, 13, 18, 20], 18, {
  reduce: (x, axes, keep) => x.max(axes, keep),
});
export const ReduceMin = reduction('ReduceMin', [1, 11, 12, 13, 18, 20], 18, {
  reduce: (x, axes, keep) => x.min(axes, keep),
});
export const ReduceL1 = reduction('ReduceL1', [1, 11, 13, 18], 18, { before: (x) => x.abs(), reduce: sum });
export const ReduceL2 = reduction('ReduceL2', [1, 11, 13, 18], 18, {
  before: square,
  reduce: sum,
  after: (x) => x.sqrt(),
});
export const ReduceSumSquare = reduction('ReduceSumSquare', [1, 11, 13, 18], 18, {
  before: square,
  reduce: sum,
});
