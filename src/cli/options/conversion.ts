/** Conversion into a spiking network. */
import { neurons } from '../../neurons/index.js';
import { type Condition, choice, real, whole } from '../parse/option.js';

/** In `temper convert` there is no --snn to leave out. */
const spiking: Condition = { said: '--snn', holds: ({ snn }) => snn !== false };

export const conversionOptions = {
  timesteps: whole('time steps of the spiking network', {
    minimum: 1,
    maximum: 4096,
    value: 'T',
    default: 32,
    when: spiking,
  }),
  neuron: choice(
    'the neuron model',
    neurons.map(({ name }) => name),
    { default: 'if', when: spiking },
  ),
  percentile: real('percentile of the positive activations that becomes the threshold', {
    maximum: 100,
    default: 99.9,
    when: spiking,
  }),
  calibration: whole('training examples the thresholds are taken from', {
    minimum: 1,
    maximum: 1e6,
    default: 512,
    when: spiking,
  }),
};
