/**
 * Losses that a file computes itself, of scores [batch, classes, ...] and targets [batch, ...], the numbers of the right
 * classes (ONNX: NegativeLogLikelihoodLoss, SoftmaxCrossEntropyLoss).
 */
import * as tf from '@tensorflow/tfjs';
import { sizeOf } from '../../compile/kernel.js';
import { int, string } from '../attributes.js';
import { positions } from '../extents.js';
import { defineOperator, UnsupportedForm } from '../operator.js';

const attributes = {
  ignore_index: int(),
  reduction: string('mean', { only: ['none', 'sum', 'mean'] }),
};

/** loss = -weight[target] * input[target] for each target, or the sum or weighted mean; the inputs are logarithms. */
export const NegativeLogLikelihoodLoss = defineOperator({
  type: 'NegativeLogLikelihoodLoss',
  since: [12, 13, 22],
  inputs: ['input', 'target', 'weight?'],
  attributes,
  evaluate: ({ input, target, weight }, given) => likelihoodLoss(input, target, weight, given),
  gradient: 'yes',
});

/** log_prob = log(softmax(scores)) along the classes; output = its NegativeLogLikelihoodLoss. */
export const SoftmaxCrossEntropyLoss = defineOperator({
  type: 'SoftmaxCrossEntropyLoss',
  since: [12, 13],
  inputs: ['scores', 'labels', 'weights?'],
  attributes,
  outputs: 2,
  evaluate({ scores, labels, weights }, given) {
    const last = scores.rank - 1;
    // Classes stand last for as long as the softmax takes.
    const order = [0, ...[...scores.shape.keys()].slice(2), 1];
    const turned = last > 1 ? scores.transpose(order) : scores;
    const back = [0, last, ...[...scores.shape.keys()].slice(1, last)];
    const logs = last > 1 ? tf.logSoftmax(turned).transpose(back) : tf.logSoftmax(turned);
    return [likelihoodLoss(logs, labels, weights, given), logs];
  },
  gradient: 'yes',
});

interface LossReduction {
  readonly ignore_index: number | undefined;
  readonly reduction: string;
}

/**
 * -weight[target] * log[target], and 0 where the target is `ignore_index`. The mean is that of the weights: their sum divides.
 * A target beyond the classes, which is an error in ONNX, has the loss 0.
 */
function likelihoodLoss(
  logs: tf.Tensor,
  target: tf.Tensor,
  weight: tf.Tensor | undefined,
  { ignore_index, reduction }: LossReduction,
): tf.Tensor {
  const [batch = 0, classes = 0, ...rest] = logs.shape;
  if (target.shape.join() !== [batch, ...rest].join())
    throw new UnsupportedForm(`targets [${target.shape}] for scores [${logs.shape}]`);
  if (weight && weight.size !== classes)
    throw new UnsupportedForm(`${weight.size} weights for ${classes} classes`);
  const extent = sizeOf(rest);
  const column = target.reshape([batch, 1, extent]).cast('int32');
  const kept = ignore_index === undefined ? undefined : column.notEqual(tf.scalar(ignore_index, 'int32'));
  const numbers = tf.tensor2d(positions(classes), [classes, 1], 'int32');
  const hit = column.equal(numbers);
  const right = kept ? hit.logicalAnd(kept) : hit;
  const ofRight = (x: tf.Tensor) => tf.where(right, x, tf.zerosLike(x)).sum(1);
  const share = weight
    ? ofRight(weight.reshape([classes, 1]))
    : kept?.cast('float32').reshape([batch, extent]);
  const losses = ofRight(logs.reshape([batch, classes, extent])).neg();
  const weighted = share ? losses.mul(share) : losses;
  if (reduction === 'none') return weighted.reshape(target.shape);
  if (reduction === 'sum') return weighted.sum();
  return share ? weighted.sum().div(share.sum()) : weighted.mean();
}
