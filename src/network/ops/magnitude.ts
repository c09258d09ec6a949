/** Normalization by magnitude; no mean is taken away (ONNX: RMSNormalization, LpNormalization, LRN). */

import { sizeOf } from '../../compile/kernel.js';
import { averagePool } from '../../compile/kernels/pool.js';
import { float, int } from '../attributes.js';
import { axesFrom, axisOf } from '../axes.js';
import { fitting } from '../broadcast.js';
import { defineOperator } from '../operator.js';
import { stashType } from '../stashType.js';
import { withoutGradient } from '../withoutGradient.js';

/** Y = scale X / sqrt(mean of X^2 + epsilon), over the axes from `axis` on (Zhang and Sennrich, arXiv:1910.07467). */
export const RMSNormalization = defineOperator({
  type: 'RMSNormalization',
  since: [23],
  inputs: ['X', 'scale'],
  roles: { scale: 'scale' },
  attributes: { axis: int(-1), epsilon: float(1e-5), stash_type: stashType(23) },
  elementTypes: (of) => [of('scale')],
  evaluate({ X, scale }, { axis, epsilon }) {
    const square = X.square().mean(axesFrom(axis, X), true);
    return X.mul(square.add(epsilon).rsqrt()).mul(fitting(scale, X));
  },
  gradient: 'yes',
});

const isZero = withoutGradient((x) => x!.equal(0).cast('float32'));

/** y = x / |x| along an axis, |x| being its 1- or 2-norm; 0 where all are 0. */
export const LpNormalization = defineOperator({
  type: 'LpNormalization',
  since: [1, 22],
  inputs: ['input'],
  attributes: { axis: int(-1), p: int(2, { only: [1, 2] }) },
  evaluate({ input }, { axis, p }) {
    const along = axisOf(axis, input.rank);
    const sum = (p === 1 ? input.abs() : input.square()).sum(along, true);
    const safe = sum.add(isZero(sum));
    return input.div(p === 1 ? safe : safe.sqrt());
  },
  gradient: 'yes',
});

/**
 * Local response normalization across channels (Krizhevsky et al., NIPS 2012):
 * y = x / (bias + alpha * mean of the squares of `size` channels around)^beta; beyond the first and the last they are 0.
 */
export const LRN = defineOperator({
  type: 'LRN',
  since: [1, 13],
  inputs: ['X'],
  attributes: {
    size: int(1, { required: true }),
    alpha: float(0.0001),
    beta: float(0.75),
    bias: float(1),
  },
  check: ({ size }) => (size >= 1 ? [] : [{ what: `attribute "size" = ${size}` }]),
  evaluate({ X }, { size, alpha, beta, bias }) {
    const [batch = 0, channels = 0, ...rest] = X.shape;
    const extent = sizeOf(rest);
    const squares = X.square().reshape([batch, channels, extent]).transpose([0, 2, 1]);
    const before = Math.floor((size - 1) / 2);
    const window = { kernel: [size], strides: [1], pads: [before, size - 1 - before], dilations: [1] };
    const mean = averagePool(squares, { ...window, ceil: false, countIncludePad: true });
    const around = mean.transpose([0, 2, 1]).reshape(X.shape);
    return X.mul(around.mul(alpha).add(bias).pow(-beta));
  },
  gradient: 'yes',
});
