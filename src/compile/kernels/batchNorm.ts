/**
 * Batch normalization of x [B, C, ...spatial] (Ioffe and Szegedy, arXiv:1502.03167): y = scale * (x - mean) / sqrt(variance + epsilon) + shift,
 * with the statistics of the batch (biased variance; trained) or with given ones (inference, frozen).
 * The inference operator of ONNX applies any scale and shift of a channel in one pass; the lowerings lean on it.
 */
import * as tf from '@tensorflow/tfjs';
import { elementOf } from '../../lists/elementOf.js';
import { defineKernel, type KernelDefinition, type Lowering, like, sizeOf, type Value } from '../kernel.js';
import { extentOf } from '../shapes.js';
import { normalizeBy, trainGradientReference, trainReference } from './batchNormReference.js';

/** Normalizes by the statistics of the batch. Gradients flow through y only; mean and variance [C] are for bookkeeping. */
export function batchNormTrain(
  x: tf.Tensor,
  scale: tf.Tensor,
  shift: tf.Tensor,
  epsilon: number,
): { y: tf.Tensor; mean: tf.Tensor; variance: tf.Tensor } {
  const outputs = run('BatchNormTrain', { x, scale, shift }, { epsilon });
  const [y, mean, variance] = outputs as [tf.Tensor, tf.Tensor, tf.Tensor];
  return { y, mean, variance };
}

/** Normalizes by the given statistics. Differentiable in every input. */
export function batchNormInference(
  x: tf.Tensor,
  scale: tf.Tensor,
  shift: tf.Tensor,
  mean: tf.Tensor,
  variance: tf.Tensor,
  epsilon: number,
): tf.Tensor {
  return run('BatchNormInference', { x, scale, shift, mean, variance }, { epsilon }) as tf.Tensor;
}

function run(name: string, inputs: Record<string, tf.Tensor>, attributes: object): tf.Tensor | tf.Tensor[] {
  return tf.engine().runKernel(name, inputs, { ...attributes });
}

const batchNormTrainKernel = defineKernel({
  name: 'BatchNormTrain',
  lower(at) {
    const [x, scale, shift] = [at.input('x'), at.input('scale'), at.input('shift')];
    const mean = channelMean(at, x);
    const centred = centre(at, x, mean);
    const variance = channelMean(at, multiply(at, centred, centred));
    const y = affine(at, centred, scale, shift, zero(at, x), variance, at.attrs.epsilon);
    return [y, mean, variance];
  },
  inputs: ['x', 'scale', 'shift'],
  eager: ({ x, scale, shift }, { epsilon }) => trainReference(x, scale, shift, epsilon),
  gradient: {
    needs: ['x', 'scale', 'mean', 'variance'],
    outputs: ['y', 'mean', 'variance'],
    of(dy, given, attrs) {
      // Called anew for each: tfjs frees what one of these functions leaves behind. A recording shares equal nodes.
      const slope = (i: number) => () =>
        elementOf(run('BatchNormTrainGrad', { dy, ...given }, attrs) as tf.Tensor[], i, 'slope');
      return { x: slope(0), scale: slope(1), shift: slope(2) };
    },
  },
});

/**
 * With c = x - mean (which the graph holds already), s = sqrt(variance + epsilon) and means over the N values of a channel:
 * dshift = N mean(dy); dscale = N mean(dy c) / s; dx = scale / s (dy - mean(dy)) - scale mean(dy c) / s^3 c.
 */
const batchNormTrainGradKernel = defineKernel({
  name: 'BatchNormTrainGrad',
  lower(at) {
    const [dy, x, scale] = [at.input('dy'), at.input('x'), at.input('scale')];
    const [mean, variance] = [at.input('mean'), at.input('variance')];
    const [one, none] = [unit(at, x), zero(at, x)];
    const centred = centre(at, x, mean);
    const dyMean = channelMean(at, dy);
    const inverse = inverseDeviation(at, variance);
    const dnMean = multiply(at, channelMean(at, multiply(at, dy, centred)), inverse);
    const gain = multiply(at, scale, inverse);
    const slope = at.node('Neg', [multiply(at, multiply(at, gain, inverse), dnMean)], like(gain));
    const direct = affine(at, dy, gain, none, dyMean, one, 0);
    const dx = at.node('Add', [direct, affine(at, centred, slope, none, none, one, 0)], like(x));
    const count = at.constant(sizeOf(x.shape) / extentOf(x.shape, 1));
    return [dx, multiply(at, dnMean, count), multiply(at, dyMean, count)];
  },
  inputs: ['dy', 'x', 'scale', 'mean', 'variance'],
  eager: ({ dy, x, scale, mean, variance }, { epsilon }) =>
    trainGradientReference(dy, x, scale.dataSync(), mean.dataSync(), variance.dataSync(), epsilon),
});

const batchNormInferenceKernel = defineKernel({
  name: 'BatchNormInference',
  lower(at) {
    const [x, scale, shift] = [at.input('x'), at.input('scale'), at.input('shift')];
    return affine(at, x, scale, shift, at.input('mean'), at.input('variance'), at.attrs.epsilon);
  },
  inputs: ['x', 'scale', 'shift', 'mean', 'variance'],
  eager: ({ x, scale, shift, mean, variance }, { epsilon }) =>
    normalizeBy(x, scale.dataSync(), shift.dataSync(), mean.dataSync(), variance.dataSync(), epsilon),
  gradient: {
    needs: ['x', 'scale', 'mean', 'variance'],
    of(dy, { x, scale, mean, variance }, { epsilon }) {
      const axes = pooledAxes(x);
      const deviation = () => variance.add(epsilon).sqrt();
      const dshift = () => dy.sum(axes);
      const dscale = () =>
        dy
          .mul(x.sub(overChannels(mean, x)))
          .sum(axes)
          .div(deviation());
      return {
        x: () => dy.mul(overChannels(scale.div(deviation()), dy)),
        scale: dscale,
        shift: dshift,
        mean: () => dshift().mul(scale).div(deviation()).neg(),
        variance: () => dscale().mul(scale).div(deviation().square()).mul(-0.5),
      };
    },
  },
});

function pooledAxes(x: tf.Tensor): number[] {
  return x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
}

function overChannels(vector: tf.Tensor, x: tf.Tensor): tf.Tensor {
  return vector.reshape(x.shape.map((extent, axis) => (axis === 1 ? extent : 1)));
}

function unit(at: Lowering, x: Value): Value {
  return at.recorder.fill(1, [extentOf(x.shape, 1)]);
}

function zero(at: Lowering, x: Value): Value {
  return at.recorder.fill(0, [extentOf(x.shape, 1)]);
}

function centre(at: Lowering, x: Value, mean: Value): Value {
  return affine(at, x, unit(at, x), zero(at, x), mean, unit(at, x), 0);
}

/** scale * (x - mean) / sqrt(variance + epsilon) + shift in one pass. */
function affine(
  at: Lowering,
  x: Value,
  scale: Value,
  shift: Value,
  mean: Value,
  variance: Value,
  epsilon: number,
): Value {
  return at.node('BatchNormalization', [x, scale, shift, mean, variance], like(x), {
    epsilon: { float: epsilon },
  });
}

function channelMean(at: Lowering, x: Value): Value {
  const axes = x.shape.map((_, axis) => axis).filter((axis) => axis !== 1);
  return at.node(
    'ReduceMean',
    [x, at.int64(axes)],
    { shape: [extentOf(x.shape, 1)], dtype: 'float32' },
    { keepdims: 0 },
  );
}

function multiply(at: Lowering, a: Value, b: Value): Value {
  return at.node('Mul', [a, b], like(a));
}

function inverseDeviation(at: Lowering, variance: Value): Value {
  const shifted = at.node('Add', [variance, at.constant(at.attrs.epsilon)], like(variance));
  return at.node('Reciprocal', [at.node('Sqrt', [shifted], like(variance))], like(variance));
}

export const batchNormKernels: KernelDefinition[] = [
  batchNormTrainKernel,
  batchNormTrainGradKernel,
  batchNormInferenceKernel,
];
