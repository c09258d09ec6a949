/**
 * Stochastic gradient descent with momentum, the learning rate inside the momentum as in its definition (Polyak 1964,
 * Sutskever et al. 2013; Goyal et al., arXiv 1706.02677, section 3, on the other form and its correction):
 *   u <- m u + lr (g + d w),   w <- w - u                      (Nesterov: w <- w - (m u + lr (g + d w)), with the new u)
 * For a constant rate this is PyTorch's SGD; where the rate changes it is the one that needs no correction. Here `gradient`
 * is lr g already, so that an update reads and writes the tensor as seldom as possible: three passes, five with decay.
 */
import type { Problem } from '../../errors.js';
import { defineOptimizer } from './optimizer.js';

export const sgd = defineOptimizer({
  name: 'sgd',
  summary: 'stochastic gradient descent with momentum, optionally Nesterov',
  citation:
    'Sutskever, Martens, Dahl, Hinton, "On the importance of initialization and momentum in deep learning", ICML 2013',
  defaults: { momentum: 0.9, nesterov: false, beta2: 0, epsilon: 0, weightDecay: 1e-4, decoupled: false },
  usualRate: 0.01,
  uses: ['momentum', 'nesterov', 'weightDecay', 'decoupled'],

  check: ({ momentum }): Problem[] =>
    momentum >= 0 && momentum < 1 ? [] : [{ what: `momentum ${momentum} is not in [0, 1)` }],

  create({ momentum, nesterov, weightDecay, decoupled }) {
    return {
      name: 'sgd',
      slots: ['momentum'],
      scalesGradient: true,
      scalars: (learningRate) => ({
        learningRate,
        ...(weightDecay > 0 && !decoupled && { decay: learningRate * weightDecay }),
        ...(weightDecay > 0 && decoupled && { keep: 1 - learningRate * weightDecay }),
      }),
      update({ parameter, gradient, slots, scalars, decays }) {
        const decaysHere = decays && weightDecay > 0;
        const step = decaysHere && !decoupled ? gradient.add(parameter.mul(scalars.decay!)) : gradient;
        const velocity = slots.momentum!.mul(momentum).add(step);
        const change = nesterov ? velocity.mul(momentum).add(step) : velocity;
        const kept = decaysHere && decoupled ? parameter.mul(scalars.keep!) : parameter;
        return { parameter: kept.sub(change), slots: { momentum: velocity } };
      },
    };
  },
});
