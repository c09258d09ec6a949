/** Plain fine-tuning: the gradient at the clean weights. The baseline of every other method, with the same trainer. */
import { defineMethod } from './method.js';

export const plain = defineMethod({
  name: 'plain',
  summary: 'ordinary training, no perturbation',
  citation:
    'Robbins, Monro, "A stochastic approximation method", Annals of Mathematical Statistics 22 (1951)',
  defaults: { gamma: 1, radius: 0, ramp: 0 },
  check: () => [],
  create: () => ({
    name: 'plain',
    samples: false,
    perturbs: false,
    flags: () => ({}),
    perturb: ({ weights }) => ({ ...weights }),
  }),
});
