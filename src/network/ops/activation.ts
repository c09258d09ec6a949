/** Activation functions (ONNX operator specification for the formulas). */
import * as tf from '@tensorflow/tfjs';
import { elu, hardSigmoid } from '../activations.js';
import { type AttributeSpec, type AttributeValues, float, string } from '../attributes.js';
import { alignLegacy, broadcastTo } from '../broadcast.js';
import { defineOperator, type Operator, UnsupportedForm } from '../operator.js';
import { withoutGradient } from '../withoutGradient.js';

const float32Max = 3.4028234663852886e38;

function activation<A extends Record<string, AttributeSpec> = Record<never, never>>(
  type: string,
  since: number[],
  evaluate: (x: tf.Tensor, attributes: AttributeValues<A>) => tf.Tensor,
  attributes: A = {} as A,
): Operator {
  return defineOperator({
    type,
    since,
    inputs: ['X'],
    attributes,
    evaluate: ({ X }, values) => evaluate(X, values),
    gradient: 'yes',
  });
}

/** A choice, not a factor: 0 times infinity is no number. */
function isAbove(x: tf.Tensor, bound: number): tf.Tensor {
  return withoutGradient((given) => given!.greater(bound))(x);
}

export const Relu = activation('Relu', [6, 13, 14], (x) => x.relu());
export const Sigmoid = activation('Sigmoid', [6, 13], (x) => x.sigmoid());
export const Tanh = activation('Tanh', [6, 13], (x) => x.tanh());
export const Softplus = activation('Softplus', [1, 22], (x) => x.softplus());
export const Softsign = activation('Softsign', [1, 22], (x) => x.div(x.abs().add(1)));
export const Mish = activation('Mish', [18, 22], (x) => x.mul(x.softplus().tanh()));
export const HardSwish = activation('HardSwish', [14, 22], (x) => x.mul(hardSigmoid(x, 1 / 6, 0.5)));

export const Swish = activation('Swish', [24], (x, { alpha }) => x.mul(x.mul(alpha).sigmoid()), {
  alpha: float(1),
});

/** Towards zero by `bias`, and to zero between -lambd and lambd. */
export const Shrink = activation(
  'Shrink',
  [9],
  (x, { bias, lambd }) => {
    const inner = tf.where(isAbove(x.neg(), lambd), x.add(bias), tf.zeros(x.shape));
    return tf.where(isAbove(x, lambd), x.sub(bias), inner).cast(x.dtype);
  },
  { bias: float(0), lambd: float(0.5) },
);

export const LeakyRelu = activation('LeakyRelu', [6, 16], (x, { alpha }) => tf.leakyRelu(x, alpha), {
  alpha: float(0.01),
});

export const Elu = activation('Elu', [6, 22], (x, { alpha }) => elu(x, alpha, 1), { alpha: float(1) });

export const Selu = activation('Selu', [6, 22], (x, { alpha, gamma }) => elu(x, alpha, 1).mul(gamma), {
  alpha: float(1.6732631921768188),
  gamma: float(1.0507010221481323),
});

export const Celu = activation('Celu', [12], (x, { alpha }) => elu(x, alpha, alpha), { alpha: float(1) });

export const HardSigmoid = activation(
  'HardSigmoid',
  [6, 22],
  (x, { alpha, beta }) => hardSigmoid(x, alpha, beta),
  { alpha: float(0.2), beta: float(0.5) },
);

export const ThresholdedRelu = activation(
  'ThresholdedRelu',
  [10, 22],
  (x, { alpha }) => tf.where(isAbove(x, alpha), x, tf.zerosLike(x)),
  { alpha: float(1) },
);

export const Gelu = activation(
  'Gelu',
  [20],
  (x, { approximate }) => (approximate === 'tanh' ? tanhGelu(x) : gelu(x)),
  { approximate: string('none', { only: ['none', 'tanh'] }) },
);

function gelu(x: tf.Tensor): tf.Tensor {
  return x.mul(0.5).mul(x.mul(Math.SQRT1_2).erf().add(1));
}

function tanhGelu(x: tf.Tensor): tf.Tensor {
  const inner = x.add(x.mul(x).mul(x).mul(0.044715)).mul(Math.sqrt(2 / Math.PI));
  return x.mul(0.5).mul(inner.tanh().add(1));
}

export const PRelu = defineOperator({
  type: 'PRelu',
  since: [6, 7, 9, 16],
  inputs: ['X', 'slope'],
  roles: { slope: 'slope' },
  evaluate({ X, slope }, _, { opset }) {
    // Before operator set 7 the slopes are one for each channel, or one for all.
    const perChannel = opset < 7 && slope.size > 1;
    const slopes = perChannel ? alignLegacy(X, slope, { broadcast: 1, axis: 1 }, opset) : slope;
    return tf.prelu(X, slopes).cast(X.dtype);
  },
  gradient: 'yes',
});

export const Clip = defineOperator({
  type: 'Clip',
  since: [6, 11, 12, 13],
  inputs: ['input', 'min?', 'max?'],
  attributes: { min: float(undefined, { until: 11 }), max: float(undefined, { until: 11 }) },
  evaluate({ input, min, max }, attributes, at) {
    const isKnown = (!min || at.known('min')) && (!max || at.known('max'));
    if (isKnown && input.dtype === 'float32') {
      const low = min ? min.dataSync()[0]! : (attributes.min ?? -float32Max);
      const high = max ? max.dataSync()[0]! : (attributes.max ?? float32Max);
      if (low <= high) return input.clipByValue(low, high);
    }
    const bound = (operand: tf.Tensor | undefined, value: number | undefined) => {
      const given = operand ?? (value === undefined ? undefined : tf.scalar(value));
      return given && throughout(given, input);
    };
    const [low, high] = [bound(min, attributes.min), bound(max, attributes.max)];
    const raised = low ? tf.maximum(input, low) : input.clone();
    return high ? tf.minimum(raised, high) : raised;
  },
  gradient: 'yes',
});

/** A bound for every element of x. */
function throughout(bound: tf.Tensor, x: tf.Tensor): tf.Tensor {
  if (bound.size !== 1) throw new UnsupportedForm(`a bound [${bound.shape}] that is no scalar`);
  return broadcastTo(bound.reshape([]), x.shape);
}
