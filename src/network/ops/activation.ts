/** Activation functions: y = f(x) for every element x of X (ONNX operator specification, a section each). */
import * as tf from '@tensorflow/tfjs';
import { elu, hardSigmoid } from '../activations.js';
import { type AttributeSpec, type AttributeValues, float, string } from '../attributes.js';
import { alignLegacy, broadcastTo } from '../broadcast.js';
import { defineOperator, type Operator, UnsupportedForm } from '../operator.js';
import { withoutGradient } from '../withoutGradient.js';

const float32Max = 3.4028234663852886e38;

/** y = f(x), element by element. */
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

/** y = max(0, x) */
export const Relu = activation('Relu', [6, 13, 14], (x) => x.relu());
/** y = 1 / (1 + exp(-x)) */
export const Sigmoid = activation('Sigmoid', [6, 13], (x) => x.sigmoid());
/** y = tanh x */
export const Tanh = activation('Tanh', [6, 13], (x) => x.tanh());
/** y = log(1 + exp(x)) */
export const Softplus = activation('Softplus', [1, 22], (x) => x.softplus());
/** y = x / (1 + |x|) */
export const Softsign = activation('Softsign', [1, 22], (x) => x.div(x.abs().add(1)));
/** y = x tanh(log(1 + exp(x))) */
export const Mish = activation('Mish', [18, 22], (x) => x.mul(x.softplus().tanh()));
/** y = x min(1, max(0, x / 6 + 1 / 2)) */
export const HardSwish = activation('HardSwish', [14, 22], (x) => x.mul(hardSigmoid(x, 1 / 6, 0.5)));

/** y = x / (1 + exp(-alpha x)) */
export const Swish = activation('Swish', [24], (x, { alpha }) => x.mul(x.mul(alpha).sigmoid()), {
  alpha: float(1),
});

/** y = x - bias above lambd, x + bias below -lambd, 0 between. */
export const Shrink = activation(
  'Shrink',
  [9],
  (x, { bias, lambd }) => {
    const inner = tf.where(isAbove(x.neg(), lambd), x.add(bias), tf.zeros(x.shape));
    return tf.where(isAbove(x, lambd), x.sub(bias), inner).cast(x.dtype);
  },
  { bias: float(0), lambd: float(0.5) },
);

/** y = x above 0, alpha x below. */
export const LeakyRelu = activation('LeakyRelu', [6, 16], (x, { alpha }) => tf.leakyRelu(x, alpha), {
  alpha: float(0.01),
});

/** y = x above 0, alpha (exp(x) - 1) below. */
export const Elu = activation('Elu', [6, 22], (x, { alpha }) => elu(x, alpha, 1), { alpha: float(1) });

/** y = gamma x above 0, gamma alpha (exp(x) - 1) below. */
export const Selu = activation('Selu', [6, 22], (x, { alpha, gamma }) => elu(x, alpha, 1).mul(gamma), {
  alpha: float(1.6732631921768188),
  gamma: float(1.0507010221481323),
});

/** y = x above 0, alpha (exp(x / alpha) - 1) below. */
export const Celu = activation('Celu', [12], (x, { alpha }) => elu(x, alpha, alpha), { alpha: float(1) });

/** y = min(1, max(0, alpha x + beta)) */
export const HardSigmoid = activation(
  'HardSigmoid',
  [6, 22],
  (x, { alpha, beta }) => hardSigmoid(x, alpha, beta),
  { alpha: float(0.2), beta: float(0.5) },
);

/** y = x above alpha, else 0. */
export const ThresholdedRelu = activation(
  'ThresholdedRelu',
  [10, 22],
  (x, { alpha }) => tf.where(isAbove(x, alpha), x, tf.zerosLike(x)),
  { alpha: float(1) },
);

/** y = x / 2 (1 + erf(x / sqrt(2))); approximate: y = x / 2 (1 + tanh(sqrt(2 / pi) (x + 0.044715 x^3))). */
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

/** y = x above 0, slope x below; the slopes broadcast to X. */
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

/** y = min(max, max(min, x)) for scalar bounds, each of which may be missing. */
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
