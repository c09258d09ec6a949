/** Conversion into a spiking network. */
import { neurons } from '../../neurons/index.js';
import { choice, real, whole } from '../option.js';

export const conversionOptions = {
  timesteps: whole('time steps of the spiking network', { minimum: 1, value: 'T', default: 32 }),
  neuron: choice(
    'the neuron model',
    neurons.map(({ name }) => name),
    { default: 'if' },
  ),
  percentile: real('percentile of the positive activations that becomes the threshold', {
    maximum: 100,
    default: 99.9,
  }),
  calibration: whole('training examples the thresholds are taken from', { minimum: 1, default: 512 }),
};
