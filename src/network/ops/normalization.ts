/**
 * Normalization to zero mean and unit variance, of each example by itself or of what `axes` say (ONNX: LayerNormalization,
 * InstanceNormalization, GroupNormalization, MeanVarianceNormalization).
 */
import type * as tf from '@tensorflow/tfjs';
import { float, int, ints } from '../attributes.js';
import { axesFrom, axesOf } from '../axes.js';
import { fitting } from '../broadcast.js';
import { defineOperator, UnsupportedForm } from '../operator.js';
import { stashType } from '../stashType.js';

/** Y = Scale (X - mean) / sqrt(variance + epsilon) + B, over the axes from `axis` on (Ba et al., arXiv:1607.06450). */
export const LayerNormalization = defineOperator({
  type: 'LayerNormalization',
  since: [17],
  inputs: ['X', 'Scale', 'B?'],
  roles: { Scale: 'scale', B: 'shift' },
  attributes: { axis: int(-1), epsilon: float(1e-5), stash_type: stashType(17) },
  elementTypes: (of, { stash_type }) => [of('X'), stash_type, stash_type],
  outputs: 3,
  evaluate({ X, Scale, B }, { axis, epsilon }) {
    const { y, mean, inverse } = standardize(X, axesFrom(axis, X), epsilon);
    const scaled = y.mul(fitting(Scale, X));
    return [B ? scaled.add(fitting(B, X)) : scaled, mean, inverse];
  },
  gradient: 'yes',
});

/**
 * output = scale (input - mean) / sqrt(variance + epsilon) + B, over the spatial axes of each channel (Ulyanov et al.,
 * arXiv:1607.08022).
 */
export const InstanceNormalization = defineOperator({
  type: 'InstanceNormalization',
  since: [1, 6, 22],
  inputs: ['input', 'scale', 'B'],
  roles: { scale: 'scale', B: 'shift' },
  attributes: { epsilon: float(1e-5), consumed_inputs: ints(undefined, { until: 6 }) },
  evaluate({ input, scale, B }, { epsilon }) {
    if (input.rank < 3) throw new UnsupportedForm(`an input [${input.shape}] without spatial axes`);
    const axes = [...input.shape.keys()].slice(2);
    return perChannel(standardize(input, axes, epsilon).y, scale, B);
  },
  gradient: 'yes',
});

/**
 * Y = scale (X - mean) / sqrt(variance + epsilon) + bias, over each group of channels (Wu and He, arXiv:1803.08494). Scale
 * and bias are those of a group before opset 21, of a channel since.
 */
export const GroupNormalization = defineOperator({
  type: 'GroupNormalization',
  since: [18, 21],
  inputs: ['X', 'scale', 'bias'],
  roles: { scale: 'scale', bias: 'shift' },
  attributes: {
    epsilon: float(1e-5),
    num_groups: int(0, { required: true }),
    stash_type: stashType(21),
  },
  evaluate({ X, scale, bias }, { epsilon, num_groups: groups }, { opset }) {
    const [batch = 0, channels = 0, ...rest] = X.shape;
    if (groups < 1 || channels % groups !== 0)
      throw new UnsupportedForm(`${channels} channels in ${groups} groups`);
    const extent = rest.reduce((product, n) => product * n, channels / groups);
    const { y } = standardize(X.reshape([batch, groups, extent]), [2], epsilon);
    if (opset < 21) return perChannel(y, scale, bias).reshape(X.shape);
    return perChannel(y.reshape(X.shape), scale, bias);
  },
  gradient: 'yes',
});

function perChannel(y: tf.Tensor, scale: tf.Tensor, shift: tf.Tensor): tf.Tensor {
  for (const { size } of [scale, shift])
    if (size !== y.shape[1]) throw new UnsupportedForm(`${size} scales or shifts where ${y.shape[1]} belong`);
  const channels = [scale.size, ...y.shape.slice(2).map(() => 1)];
  return y.mul(scale.reshape(channels)).add(shift.reshape(channels));
}

/** Y = (X - mean) / (deviation + 1e-9), as the function body of the specification has it. */
export const MeanVarianceNormalization = defineOperator({
  type: 'MeanVarianceNormalization',
  since: [9, 13],
  inputs: ['X'],
  attributes: { axes: ints([0, 2, 3]) },
  evaluate({ X }, attributes) {
    const axes = axesOf(attributes.axes, X.rank);
    const centred = X.sub(X.mean(axes, true));
    const variance = centred.square().mean(axes, true);
    // The root has no slope at 0; below its bound this variance is nothing beside 1e-9.
    return centred.div(variance.maximum(1e-36).sqrt().add(1e-9));
  },
  gradient: 'yes',
});

/** Zero mean and unit variance over the axes. */
function standardize(x: tf.Tensor, axes: number[], epsilon: number) {
  const mean = x.mean(axes, true);
  const centred = x.sub(mean);
  const inverse = centred.square().mean(axes, true).add(epsilon).rsqrt();
  return { y: centred.mul(inverse), mean, inverse };
}
