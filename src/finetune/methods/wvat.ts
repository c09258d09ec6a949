/**
 * Weight-variation-aware training (WVAT), as its public reviews describe it. Each mini-batch takes its gradient at weights
 * perturbed in one of two ways and applies it to the clean weights:
 *   HSV, hardware-simulated variation, with probability gamma: the weights as a chip of the device would hold them
 *   GAV, gradient-ascent variation, otherwise: w_l + radius ||w_l|| / ||g_l|| g_l per tensor l (the step of AWP, NeurIPS 2020)
 * gamma 1 is noise injection (Joshi et al. 2020), which the reviews report as the most robust, at half the cost of GAV.
 */
import type * as tf from '@tensorflow/tfjs';
import { choose } from '../../compile/choose.js';
import { type CleanStep, defineMethod } from './method.js';

export const wvat = defineMethod({
  name: 'wvat',
  summary:
    'weight-variation-aware training: gradients at weights perturbed by the device or by gradient ascent',
  citation:
    '"Weight-variation-aware training", OpenReview GFqQ6gOupN (submitted to ICLR 2024, withdrawn), after its reviews; ' +
    'GAV step: Wu, Xia, Wang, "Adversarial weight perturbation helps robust generalization", NeurIPS 2020',
  defaults: { gamma: 1, radius: 0.01, ramp: 0.3 },

  check: ({ gamma, radius }) => [
    ...(gamma >= 0 && gamma <= 1 ? [] : [{ what: `gamma ${gamma} is not a probability, 0 ... 1` }]),
    ...(radius >= 0 && Number.isFinite(radius)
      ? []
      : [{ what: `radius ${radius} is not a number of at least 0` }]),
  ],

  create({ gamma, radius }) {
    const mixes = gamma > 0 && gamma < 1;
    return {
      name: 'wvat',
      samples: gamma > 0,
      perturbs: true,
      flags: (uniform): Record<string, boolean> => (mixes ? { hardware: uniform < gamma } : {}),
      perturb(at) {
        // The ends pay for their own branch only.
        if (gamma === 1) return at.programmed();
        if (gamma === 0) return ascended(at, radius);
        const names = Object.keys(at.weights);
        const inOrder = (values: Record<string, tf.Tensor>) => names.map((name) => values[name]!);
        const chosen = choose(
          at.flags.hardware!,
          () => inOrder(at.programmed()),
          () => inOrder(ascended(at, radius)),
        );
        return Object.fromEntries(names.map((name, index) => [name, chosen[index]!]));
      },
    };
  },
});

/** w + strength radius ||w|| / ||g|| g, tensor by tensor. A tensor with zero gradient, or none, stays where it is. */
function ascended({ weights, strength, gradients }: CleanStep, radius: number): Record<string, tf.Tensor> {
  const slopes = gradients();
  const entries = Object.entries(weights).map(([name, weight]) => {
    const slope = slopes[name];
    if (!slope) return [name, weight];
    const length = norm(weight).div(norm(slope).add(1e-12)).mul(strength).mul(radius);
    return [name, weight.add(slope.mul(length))];
  });
  return Object.fromEntries(entries);
}

function norm(values: tf.Tensor): tf.Tensor {
  return values.mul(values).sum().sqrt();
}
