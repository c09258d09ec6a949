/** What training minimises: which value of the network is compared with what, and by which loss. */
import type * as tf from '@tensorflow/tfjs';
import type { TensorSpec, Tensors } from '../../compile/index.js';
import { crossEntropy, hits, type LossName, meanSquaredError, oneHot, smoothed } from './losses.js';
import { examplesFirst } from './outputRows.js';

export interface Objective {
  readonly loss: LossName;
  /** The value that is compared: an output of the graph, or the logits below a final Softmax. */
  readonly value: string;
  /** The axis of the value along which the examples are; default 0. */
  readonly axis?: number;
  /** Class labels (int32), turned into one-hot rows; or targets of this shape per example. */
  readonly targets: { readonly classes: number } | { readonly shape: readonly number[] };
  /** Label smoothing of the cross-entropy; 0 = none. */
  readonly smoothing: number;
}

export interface Compared {
  readonly loss: tf.Scalar;
  /** Counts over the batch, float32 scalars: correct, and top5 from six classes on. Empty for targets without classes. */
  readonly counts: Record<string, tf.Scalar>;
}

/** Which counts `compare` gives. */
export function countNames({ targets }: Objective): string[] {
  if (!('classes' in targets)) return [];
  return targets.classes > 5 ? ['correct', 'top5'] : ['correct'];
}

/** The input that carries labels or targets of a batch. */
export function answerSpec({ targets }: Objective, batchSize: number): TensorSpec {
  return 'classes' in targets
    ? { name: 'labels', dtype: 'int32', shape: [batchSize] }
    : { name: 'targets', dtype: 'float32', shape: [batchSize, ...targets.shape] };
}

/** Loss and counts of a batch of outputs. `batch` holds the answers under the name of `answerSpec`. */
export function compare(objective: Objective, value: tf.Tensor, batch: Tensors): Compared {
  const { loss, targets, smoothing, axis } = objective;
  const outputs = examplesFirst(value, axis);
  if (!('classes' in targets)) {
    return { loss: meanSquaredError(outputs.reshape(batch.targets!.shape), batch.targets!), counts: {} };
  }
  const rows = outputs.reshape([batch.labels!.shape[0]!, targets.classes]) as tf.Tensor2D;
  const truth = oneHot(batch.labels as tf.Tensor1D, targets.classes);
  const measured =
    loss === 'cross-entropy' ? crossEntropy(rows, smoothed(truth, smoothing)) : meanSquaredError(rows, truth);
  const among = countNames(objective).map((name) => (name === 'correct' ? 1 : 5));
  const [correct, top5] = hits(rows, truth, among);
  return { loss: measured, counts: { correct: correct!, ...(top5 && { top5 }) } };
}
