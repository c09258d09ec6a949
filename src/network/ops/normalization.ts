/** Normalization layers. */
import type * as tf from '@tensorflow/tfjs';
import { batchNormInference, batchNormTrain } from '../../compile/kernels/batchNorm.js';
import { float, int } from '../attributes.js';
import { axisOf } from '../axes.js';
import { defineOperator, UnsupportedForm } from '../operator.js';

/**
 * Inference form in the file; trained with the statistics of the batch if asked to. The running statistics follow
 * ONNX's convention, running = momentum * running + (1 - momentum) * batch, with the unbiased variance of the batch as
 * PyTorch keeps it (ONNX's own training mode takes the biased one): models come from PyTorch as a rule.
 */
export const BatchNormalization = defineOperator({
  type: 'BatchNormalization',
  since: [7, 9, 14, 15],
  inputs: ['X', 'scale', 'B', 'mean', 'var'],
  roles: { scale: 'scale', B: 'shift', mean: 'mean', var: 'variance' },
  attributes: {
    epsilon: float(1e-5),
    momentum: float(0.9),
    spatial: int(1, { until: 9, only: [1] }),
    training_mode: int(0, { since: 14, only: [0] }),
  },
  evaluate({ X, scale, B, mean, var: variance }, { epsilon, momentum }, at) {
    for (const [name, { size }] of Object.entries({
      scales: scale,
      shifts: B,
      means: mean,
      variances: variance,
    }))
      if (size !== X.shape[1])
        throw new UnsupportedForm(`${size} ${name} for the ${X.shape[1]} channels of [${X.shape}]`);
    if (!at.training) return batchNormInference(X, scale, B, mean, variance, epsilon);
    const batch = batchNormTrain(X, scale, B, epsilon);
    const count = X.size / X.shape[1]!;
    const unbiased = batch.variance.mul(count / Math.max(1, count - 1));
    at.update('mean', follow(batch.mean, momentum));
    at.update('var', follow(unbiased, momentum));
    return batch.y;
  },
  gradient: 'yes',
  examples: [
    { inputs: [[2, 3, 4, 5], [3], [3], [3], { shape: [3], between: [0.5, 2] }] },
    {
      inputs: [[4, 3], [3], [3], [3], { shape: [3], between: [0.5, 2] }],
      attributes: { epsilon: { float: 0.1 } },
      opset: 9,
    },
    { inputs: [[2, 3, 4], [3], [3], [3], { shape: [3], between: [0.5, 2] }], opset: 7 },
  ],
});

function follow(batch: tf.Tensor, momentum: number): (running: tf.Tensor) => tf.Tensor {
  return (running) => running.mul(momentum).add(batch.mul(1 - momentum));
}

export const LayerNormalization = defineOperator({
  type: 'LayerNormalization',
  since: [17],
  inputs: ['X', 'Scale', 'B?'],
  roles: { Scale: 'scale', B: 'shift' },
  attributes: { axis: int(-1), epsilon: float(1e-5), stash_type: int(1, { only: [1] }) },
  outputs: 3,
  evaluate({ X, Scale, B }, { axis, epsilon }) {
    const first = axisOf(axis, X.rank);
    const axes = [...Array(X.rank - first).keys()].map((i) => i + first);
    const { y, mean, inverse } = standardize(X, axes, epsilon);
    const scaled = y.mul(Scale);
    return [B ? scaled.add(B) : scaled, mean, inverse];
  },
  gradient: 'yes',
  examples: [
    { inputs: [[2, 3, 4], [4], [4]] },
    {
      inputs: [
        [2, 3, 4],
        [3, 4],
      ],
      attributes: { axis: 1, epsilon: { float: 0.01 } },
    },
  ],
});

export const InstanceNormalization = defineOperator({
  type: 'InstanceNormalization',
  since: [6, 22],
  inputs: ['input', 'scale', 'B'],
  roles: { scale: 'scale', B: 'shift' },
  attributes: { epsilon: float(1e-5) },
  evaluate({ input, scale, B }, { epsilon }) {
    const axes = [...Array(input.rank - 2).keys()].map((i) => i + 2);
    const channels = [scale.size, ...axes.map(() => 1)];
    return standardize(input, axes, epsilon).y.mul(scale.reshape(channels)).add(B.reshape(channels));
  },
  gradient: 'yes',
  examples: [{ inputs: [[2, 3, 4, 5], [3], [3]] }, { inputs: [[2, 3, 6], [3], [3]], opset: 7 }],
});

/** Zero mean and unit variance over the axes. */
function standardize(x: tf.Tensor, axes: number[], epsilon: number) {
  const mean = x.mean(axes, true);
  const centred = x.sub(mean);
  const inverse = centred.square().mean(axes, true).add(epsilon).rsqrt();
  return { y: centred.mul(inverse), mean, inverse };
}
