/**
 * Losses and the counts reported with them, in a few cheap kernels each. A loss is a scalar, the mean over the mini-batch; its
 * gradient is given by hand where tfjs would record more than the formula needs.
 */
import * as tf from '@tensorflow/tfjs';

export const lossNames = ['cross-entropy', 'mean-squared-error'] as const;
export type LossName = (typeof lossNames)[number];

/**
 * Softmax cross-entropy of `logits` [batch, classes] against `targets` [batch, classes] (rows that sum to 1):
 *   mean over the batch of -sum_c t_c log softmax(z)_c,    gradient (softmax(z) - t) / batch
 * Stable for any logits: log softmax subtracts the largest one first.
 */
export function crossEntropy(logits: tf.Tensor2D, targets: tf.Tensor2D): tf.Scalar {
  const loss = tf.customGrad((z, save) => {
    const logProbabilities = tf.logSoftmax(z as tf.Tensor2D);
    // The engine frees what the forward pass made unless it is saved.
    (save as tf.GradSaveFunc)([logProbabilities, targets]);
    const value = logProbabilities
      .mul(targets)
      .sum()
      .mul(-1 / targets.shape[0]);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) =>
      saved[0]!
        .exp()
        .sub(saved[1]!)
        .mul(dy.mul(1 / targets.shape[0]));
    return { value, gradFunc };
  });
  return loss(logits) as tf.Scalar;
}

/** Mean over all elements of (y - t)^2; gradient 2 (y - t) / elements. */
export function meanSquaredError(outputs: tf.Tensor, targets: tf.Tensor): tf.Scalar {
  const loss = tf.customGrad((y, save) => {
    const error = (y as tf.Tensor).sub(targets);
    (save as tf.GradSaveFunc)([error]);
    const value = error
      .mul(error)
      .sum()
      .mul(1 / targets.size);
    const gradFunc = (dy: tf.Tensor, saved: tf.Tensor[]) => saved[0]!.mul(dy.mul(2 / targets.size));
    return { value, gradFunc };
  });
  return loss(outputs) as tf.Scalar;
}

/** 1 where the column is the label (int32 [batch]), else 0: float32 [batch, classes]. */
export function oneHot(labels: tf.Tensor1D, classes: number): tf.Tensor2D {
  const columns = tf.tensor2d(
    Int32Array.from({ length: classes }, (_, i) => i),
    [1, classes],
    'int32',
  );
  return tf.cast(tf.equal(labels.reshape([labels.shape[0], 1]), columns), 'float32') as tf.Tensor2D;
}

/** Szegedy et al., CVPR 2016: the label keeps 1 - smoothing, and smoothing is spread evenly over all classes. */
export function smoothed(targets: tf.Tensor2D, smoothing: number): tf.Tensor2D {
  return smoothing === 0 ? targets : targets.mul(1 - smoothing).add(smoothing / targets.shape[1]);
}

/**
 * How many examples have their label among the best `among[i]` outputs, per entry of `among`: float32 scalars. An output that
 * equals that of the label counts as better, and NaN as wrong, so that a dead network does not look perfect.
 */
export function hits(outputs: tf.Tensor2D, targets: tf.Tensor2D, among: readonly number[]): tf.Scalar[] {
  const classes = outputs.shape[1];
  const ofLabel = outputs.mul(targets).sum(1, true);
  const beaten = tf.cast(tf.less(outputs, ofLabel), 'float32').sum(1);
  return among.map((k) => tf.cast(tf.greater(beaten, classes - k - 0.5), 'float32').sum() as tf.Scalar);
}
