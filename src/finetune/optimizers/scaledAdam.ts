/**
 * ScaledAdam: Adam's step times the size of what it changes, so that one learning rate is a rate of relative change and fits
 * layers of any scale, as they come out of folded batch normalization or of depthwise convolutions:
 *   w_c <- w_c - lr s_c mHat / (sqrt(vHat) + epsilon),   s_c = max(rms(w_c), 1e-3)
 * (Yao et al., "Zipformer", ICLR 2024; the floor as in Adafactor, Shazeer and Stern, ICML 2018). There s is that of the whole
 * tensor; here of each output channel c, where a layer has them: our choice. The 1e-3 lets a bias of zero move.
 */
import * as tf from '@tensorflow/tfjs';
import { adam } from './adam.js';
import { defineOptimizer } from './optimizer.js';

const floor = 1e-3;

export const scaledAdam = defineOptimizer({
  ...adam,
  name: 'scaled-adam',
  summary:
    'Adam with steps relative to the size of each output channel: one learning rate for layers of any scale',
  citation:
    'Yao et al., "Zipformer: a faster and better encoder for automatic speech recognition", ICLR 2024 (ScaledAdam); ' +
    'Shazeer, Stern, "Adafactor", ICML 2018 (floor); scales per output channel are ours',
  usualRate: 0.01,

  create(options) {
    const plain = adam.create({ ...options, weightDecay: 0 });
    const { weightDecay, decoupled } = options;
    return {
      ...plain,
      name: 'scaled-adam',
      scalars: (learningRate, step) => ({
        ...plain.scalars(learningRate, step),
        ...(weightDecay > 0 && decoupled && { keep: 1 - learningRate * weightDecay }),
      }),
      update({ parameter, gradient, axis, decays, slots, scalars }) {
        const decaysHere = decays && weightDecay > 0;
        const slope = decaysHere && !decoupled ? gradient.add(parameter.mul(weightDecay)) : gradient;
        const still = tf.zerosLike(parameter);
        const { parameter: change, slots: next } = plain.update({
          ...{ parameter: still, gradient: slope, slots, scalars, axis },
          decays: false,
        });
        const kept = decaysHere && decoupled ? parameter.mul(scalars.keep!) : parameter;
        return { parameter: kept.add(change.mul(scaleOf(parameter, axis))), slots: next };
      },
    };
  },
});

/** max(rms, floor) over each index of `axis`, or over all where there is none; broadcasts over the parameter. */
function scaleOf(parameter: tf.Tensor, axis: number): tf.Tensor {
  const others = parameter.shape.map((_, at) => at).filter((at) => axis < 0 || at !== axis);
  const squares = parameter.mul(parameter);
  const mean = others.length === 0 ? squares : squares.mean(others, true);
  return tf.maximum(mean.sqrt(), floor);
}
