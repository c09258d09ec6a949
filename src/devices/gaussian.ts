/**
 * Gaussian weight noise: w' = w + strength * s * n with n ~ N(0, 1), drawn once per weight and chip.
 *   maximum   s = sigma * max|w| over the stored tensor   (AddNormal of aihwkit; Joshi et al. 2020 measured 3.8 % on PCM)
 *   channel   s = sigma * r_c, the range of output channel c: max|w| over its weights, or scale_c * largest code where the
 *             file stores codes (columns of a crossbar with a scale of their own, as aihwkit's weight_scaling_columnwise)
 *   relative  s = sigma * |w|                             (multiplicative noise)
 *   absolute  s = sigma
 */
import { elementOf } from '../lists/elementOf.js';
import { defineDevice } from './device.js';
import { choiceParameter, numberParameter } from './parameter.js';

const references = {
  maximum: 'relative to the largest weight of each stored tensor',
  channel: 'relative to the largest weight of each output channel (of codes: scale x largest code)',
  relative: 'relative to each weight',
  absolute: 'in units of the weights',
};

export const gaussian = defineDevice({
  name: 'gaussian',
  summary: 'additive Gaussian noise on each weight, by default relative to the largest weight of the tensor',
  citation:
    'Joshi et al., "Accurate deep neural network inference using computational phase-change memory", ' +
    'Nature Communications 11, 2473 (2020): convention sigma x max|W| per layer, 3.8 % measured on phase-change memory; the same as AddNormal in IBM aihwkit',
  notModelled: [
    'conductance pairs: a zero weight carries the noise of one device, not of two',
    'drift, read noise, stuck cells, limits of the conductance range, converters',
  ],
  parameters: {
    sigma: numberParameter({
      summary: 'standard deviation, as a fraction of what mode names (0.1 = 10 %)',
      min: 0,
      max: Number.POSITIVE_INFINITY,
    }),
    mode: choiceParameter({
      summary:
        'of what: the largest |w| of the tensor, each |w|, in units of the weight itself, or the range of each output channel',
      choices: ['maximum', 'relative', 'absolute', 'channel'],
      default: 'maximum',
    }),
  },
  examples: ['gaussian:0.1', 'gaussian:0.1:channel', 'gaussian:0.1:relative', 'gaussian:0.02:absolute'],
  noiseOn: ({ mode }) => `effective weights, ${references[mode]}`,
  noiseCount: 1,
  goesByChannel: ({ mode }) => mode === 'channel',

  landmarks: ({ mode }) =>
    mode === 'maximum' ? [{ level: 0.038, what: 'measured: 3.8 % (PCM, Joshi 2020)' }] : [],

  program(weights, noises, strength, { sigma, mode }, range) {
    const noise = elementOf(noises, 0, 'noise');
    const step = strength.mul(sigma);
    if (mode === 'relative') return weights.add(weights.abs().mul(noise).mul(step));
    if (mode === 'channel') return weights.add(noise.mul(ofChannels(range).mul(step)));
    const std = mode === 'maximum' ? weights.abs().max().mul(step) : step;
    return weights.add(noise.mul(std));
  },

  moments(weights, { sigma, mode }, range) {
    const largest = weights.reduce((max, weight) => Math.max(max, Math.abs(weight)), 0);
    const std = {
      maximum: () => sigma * largest,
      channel: (_: number, i: number) => sigma * ofChannels(range)[i]!,
      relative: (weight: number) => sigma * Math.abs(weight),
      absolute: () => sigma,
    }[mode];
    return { mean: weights, std: weights.map(std) };
  },
});

function ofChannels<Range>(range: Range | undefined): Range {
  if (range === undefined) throw new Error('noise relative to output channels needs their ranges');
  return range;
}
