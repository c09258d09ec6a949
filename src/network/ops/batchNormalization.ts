/**
 * Batch normalization (Ioffe and Szegedy, arXiv:1502.03167; ONNX: BatchNormalization), by statistics that the file stores or
 * by those of the batch.
 */
import type * as tf from '@tensorflow/tfjs';
import { batchNormInference, batchNormTrain } from '../../compile/kernels/batchNorm.js';
import { float, int, ints } from '../attributes.js';
import { defineOperator, UnsupportedForm } from '../operator.js';

/** ONNX's default. */
export const usualMomentum = 0.9;

/**
 * Y = scale (X - mean) / sqrt(var + epsilon) + B for each channel, which is axis 1.
 *
 * Inference form in the file; trained with the statistics of the batch if asked to. The running statistics follow ONNX's
 * convention, running = momentum * running + (1 - momentum) * batch, with the unbiased variance of the batch as PyTorch
 * keeps it (ONNX's own training mode takes the biased one): models come from PyTorch as a rule.
 *
 * A file in training mode takes the statistics of the batch always, and may ask for the running ones as ONNX has them.
 */
export const BatchNormalization = defineOperator({
  type: 'BatchNormalization',
  since: [1, 6, 7, 9, 14, 15],
  inputs: ['X', 'scale', 'B', 'mean', 'var'],
  roles: { scale: 'scale', B: 'shift', mean: 'mean', var: 'variance' },
  attributes: {
    epsilon: float(1e-5),
    momentum: float(usualMomentum),
    spatial: int(1, { until: 9 }),
    is_test: int(0, { until: 7 }),
    training_mode: int(0, { since: 14 }),
    // Which inputs an implementation may overwrite.
    consumed_inputs: ints(undefined, { until: 6 }),
  },
  elementTypes: (of) => [of('X'), of('mean'), of('var')],
  outputs: 3,
  evaluate({ X, scale, B, mean, var: variance }, attributes, at) {
    const { epsilon, momentum } = attributes;
    const keeps = movesStatistics(momentum) ? momentum : usualMomentum;
    // Without `spatial` every element of an example is a channel of its own; without a second axis there is one.
    const flat = attributes.spatial === 0 || X.rank === 1;
    const x = flat ? X.reshape([X.shape[0]!, X.size / X.shape[0]!]) : X;
    checkChannels(x, { scales: scale, shifts: B, means: mean, variances: variance });
    const [s, b, m, v] = [scale, B, mean, variance].map((vector) => vector.flatten()) as tf.Tensor1D[];
    const byBatch = trainsInFile(attributes, at);
    if (!at.training && !byBatch)
      return [batchNormInference(x, s!, b!, m!, v!, epsilon).reshape(X.shape), mean, variance];
    const batch = batchNormTrain(x, s!, b!, epsilon);
    if (at.training) {
      const count = x.size / x.shape[1]!;
      const unbiased = batch.variance.mul(count / Math.max(1, count - 1));
      at.update('mean', follow(batch.mean.reshape(mean.shape), keeps));
      at.update('var', follow(unbiased.reshape(variance.shape), keeps));
    }
    const y = batch.y.reshape(X.shape);
    if (at.outputCount === 1 || !byBatch) return [y, mean, variance];
    const moments = momentsOf(x);
    return [
      y,
      follow(moments.mean.reshape(mean.shape), momentum)(mean),
      follow(moments.variance.reshape(variance.shape), momentum)(variance),
    ];
  },
  gradient: 'yes',
});

/** Whether the file itself asks for the statistics of the batch: before opset 14 it does by further outputs, at first by `is_test`. */
function trainsInFile(
  { is_test, training_mode }: { is_test: number; training_mode: number },
  { opset, outputCount }: { opset: number; outputCount: number },
): boolean {
  if (opset < 7) return is_test === 0;
  if (opset < 14) return outputCount > 1;
  if (training_mode === 0 && outputCount > 1)
    throw new UnsupportedForm('running statistics are asked for, but training_mode is 0');
  return training_mode !== 0;
}

function checkChannels(x: tf.Tensor, vectors: Record<string, tf.Tensor>): void {
  for (const [name, { size }] of Object.entries(vectors))
    if (size !== x.shape[1])
      throw new UnsupportedForm(`${size} ${name} for the ${x.shape[1]} channels of [${x.shape}]`);
}

/** Those of `batchNormTrain` are not differentiable. */
function momentsOf(x: tf.Tensor): { mean: tf.Tensor; variance: tf.Tensor } {
  const axes = [...x.shape.keys()].filter((axis) => axis !== 1);
  const mean = x.mean(axes, true);
  return { mean, variance: x.sub(mean).square().mean(axes) };
}

/**
 * Whether running statistics follow the batches at this momentum. At 1, which some exporters write for a file that is not
 * to be trained, they would stay for ever, while training normalizes by those of the batch (docs/decisions/0014).
 */
export function movesStatistics(momentum: number): boolean {
  return momentum >= 0 && momentum < 1;
}

function follow(batch: tf.Tensor, momentum: number): (running: tf.Tensor) => tf.Tensor {
  return (running) => running.mul(momentum).add(batch.mul(1 - momentum));
}
