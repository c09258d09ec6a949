/**
 * Adam (Kingma and Ba, ICLR 2015), written for few passes over large tensors. With M = m / (1 - b1) and V = v / (1 - b2):
 *   M <- b1 M + g,   V <- b2 V + g^2,   w <- w - a M / (sqrt(V) + e)
 * where at step t = 1, 2, ...   a = lr (1 - b1) / (1 - b1^t) / c,   e = epsilon / c,   c = sqrt((1 - b2) / (1 - b2^t))
 * which is the textbook w - lr mHat / (sqrt(vHat) + epsilon). Weight decay: added to g, or outside of it (AdamW).
 */
import type { Problem } from '../../errors.js';
import { defineOptimizer } from './optimizer.js';

export const adam = defineOptimizer({
  name: 'adam',
  summary: 'Adam, with decoupled weight decay (AdamW) by default',
  citation:
    'Kingma, Ba, "Adam: a method for stochastic optimization", ICLR 2015; ' +
    'Loshchilov, Hutter, "Decoupled weight decay regularization", ICLR 2019',
  defaults: {
    momentum: 0.9,
    nesterov: false,
    beta2: 0.999,
    epsilon: 1e-8,
    weightDecay: 1e-4,
    decoupled: true,
  },
  usualRate: 0.001,
  uses: ['momentum', 'beta2', 'epsilon', 'weightDecay', 'decoupled'],

  check: ({ momentum, beta2, epsilon }): Problem[] => [
    ...(momentum >= 0 && momentum < 1 ? [] : [{ what: `momentum (beta1) ${momentum} is not in [0, 1)` }]),
    ...(beta2 >= 0 && beta2 < 1 ? [] : [{ what: `beta2 ${beta2} is not in [0, 1)` }]),
    ...(epsilon > 0 ? [] : [{ what: `epsilon ${epsilon} is not positive` }]),
  ],

  create({ momentum, beta2, epsilon, weightDecay, decoupled }) {
    return {
      name: 'adam',
      slots: ['mean', 'square'],
      scalesGradient: false,
      scalars(learningRate, step) {
        const correction = Math.sqrt((1 - beta2) / (1 - beta2 ** (step + 1)));
        return {
          stepSize: (learningRate * (1 - momentum)) / (1 - momentum ** (step + 1)) / correction,
          epsilon: epsilon / correction,
          ...(weightDecay > 0 && decoupled && { keep: 1 - learningRate * weightDecay }),
        };
      },
      update({ parameter, gradient, slots, scalars, decays }) {
        const decaysHere = decays && weightDecay > 0;
        const slope = decaysHere && !decoupled ? gradient.add(parameter.mul(weightDecay)) : gradient;
        const mean = slots.mean!.mul(momentum).add(slope);
        const square = slots.square!.mul(beta2).add(slope.mul(slope));
        const change = mean.mul(scalars.stepSize!).div(square.sqrt().add(scalars.epsilon!));
        const kept = decaysHere && decoupled ? parameter.mul(scalars.keep!) : parameter;
        return { parameter: kept.sub(change), slots: { mean, square } };
      },
    };
  },
});
