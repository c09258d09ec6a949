/**
 * Integrate-and-fire with soft reset:
 *   v(t) = v(t-1) + z(t);  s(t) = [v(t) >= theta];  v(t) <- v(t) - theta s(t);  output theta s(t);  v(0) = theta/2
 * Soft reset: Han, Srinivasan & Roy, RMP-SNN (CVPR 2020). Start at half the threshold: Bu et al., QCFS (ICLR 2022).
 * The mean output over T steps of a constant z in [0, theta] is theta/T floor(T z/theta + 1/2): ReLU, clipped at
 * theta and rounded to T levels.
 */

import * as tf from '@tensorflow/tfjs';
import { lookUp } from '../lists/lookUp.js';
import { defineNeuron } from './neuron.js';
import { spike } from './spike.js';

export const integrateAndFire = defineNeuron({
  name: 'if',
  summary: 'integrate-and-fire, soft reset, starts at half its threshold',
  citation: 'Han et al., CVPR 2020 (soft reset); Bu et al., ICLR 2022 (start at half the threshold)',
  notModelled: ['leak', 'refractory period', 'more than one spike per step', 'mismatch of thresholds'],
  state: ['potential'],
  initial: (threshold) => ({ potential: threshold / 2 }),
  step(input, state, threshold) {
    const charged = tf.add(lookUp(state, 'potential', 'state'), input);
    const output = tf.mul(spike(charged, threshold), threshold);
    return { output, state: { potential: tf.sub(charged, output) } };
  },
  // Rounding to the nearest of T levels inside [0, theta]; clipping at both ends is exact.
  rateError: (threshold, timesteps) => threshold / (2 * timesteps),
});
