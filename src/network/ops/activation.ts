/** Activation functions (ONNX operator specification for the formulas). */
import * as tf from '@tensorflow/tfjs';
import { elu, hardSigmoid } from '../activations.js';
import { type AttributeSpec, type AttributeValues, float, string } from '../attributes.js';
import { alignLegacy, broadcastTo } from '../broadcast.js';
import { defineOperator, type Example, type Operator, UnsupportedForm } from '../operator.js';
import { withoutGradient } from '../withoutGradient.js';

const float32Max = 3.4028234663852886e38;

/** Away from zero, where most activations have their kink. */
const examples: Example[] = [{ inputs: [[2, 3, 4]] }, { inputs: [[3, 5]], opset: 7 }];
const recent: Example[] = [{ inputs: [[2, 3, 4]] }];

function activation<A extends Record<string, AttributeSpec> = Record<never, never>>(
  type: string,
  since: number[],
  evaluate: (x: tf.Tensor, attributes: AttributeValues<A>) => tf.Tensor,
  { attributes, cases = examples }: { attributes?: A; cases?: Example[] } = {},
): Operator {
  return defineOperator({
    type,
    since,
    inputs: ['X'],
    attributes: attributes ?? ({} as A),
    evaluate: ({ X }, values) => evaluate(X, values),
    gradient: 'yes',
    examples: cases,
  });
}

/** The same shapes once with the defaults, once with these attributes. */
function alsoWith(attributes: Record<string, number>, cases: Example[] = examples): Example[] {
  const given = Object.entries(attributes).map(([name, value]) => [name, { float: value }] as const);
  return [...cases, { inputs: [[2, 3, 4]], attributes: Object.fromEntries(given) }];
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
export const Mish = activation('Mish', [18, 22], (x) => x.mul(x.softplus().tanh()), { cases: recent });
export const HardSwish = activation('HardSwish', [14, 22], (x) => x.mul(hardSigmoid(x, 1 / 6, 0.5)), {
  cases: recent,
});

export const Swish = activation('Swish', [24], (x, { alpha }) => x.mul(x.mul(alpha).sigmoid()), {
  attributes: { alpha: float(1) },
  cases: [
    { inputs: [[2, 3, 4]], opset: 24 },
    { inputs: [[2, 3, 4]], attributes: { alpha: { float: 0.6 } }, opset: 24 },
  ],
});

/** Towards zero by `bias`, and to zero between -lambd and lambd. */
export const Shrink = activation(
  'Shrink',
  [9],
  (x, { bias, lambd }) => {
    const inner = tf.where(isAbove(x.neg(), lambd), x.add(bias), tf.zeros(x.shape));
    return tf.where(isAbove(x, lambd), x.sub(bias), inner).cast(x.dtype);
  },
  {
    attributes: { bias: float(0), lambd: float(0.5) },
    cases: [
      { inputs: [[2, 3, 4]] },
      { inputs: [[2, 3, 4]], attributes: { bias: { float: 0.3 }, lambd: { float: 0.77 } }, opset: 9 },
    ],
  },
);

export const LeakyRelu = activation('LeakyRelu', [6, 16], (x, { alpha }) => tf.leakyRelu(x, alpha), {
  attributes: { alpha: float(0.01) },
  cases: alsoWith({ alpha: 0.3 }),
});

export const Elu = activation('Elu', [6, 22], (x, { alpha }) => elu(x, alpha, 1), {
  attributes: { alpha: float(1) },
  cases: alsoWith({ alpha: 0.7 }),
});

export const Selu = activation('Selu', [6, 22], (x, { alpha, gamma }) => elu(x, alpha, 1).mul(gamma), {
  attributes: { alpha: float(1.6732631921768188), gamma: float(1.0507010221481323) },
  cases: alsoWith({ alpha: 2, gamma: 0.9 }),
});

export const Celu = activation('Celu', [12], (x, { alpha }) => elu(x, alpha, alpha), {
  attributes: { alpha: float(1) },
  cases: alsoWith({ alpha: 0.5 }, recent),
});

export const HardSigmoid = activation(
  'HardSigmoid',
  [6, 22],
  (x, { alpha, beta }) => hardSigmoid(x, alpha, beta),
  {
    attributes: { alpha: float(0.2), beta: float(0.5) },
    cases: alsoWith({ alpha: 0.4, beta: 0.35 }),
  },
);

export const ThresholdedRelu = activation(
  'ThresholdedRelu',
  [10, 22],
  (x, { alpha }) => tf.where(isAbove(x, alpha), x, tf.zerosLike(x)),
  {
    attributes: { alpha: float(1) },
    cases: recent,
  },
);

export const Gelu = activation(
  'Gelu',
  [20],
  (x, { approximate }) => (approximate === 'tanh' ? tanhGelu(x) : gelu(x)),
  {
    attributes: { approximate: string('none', { only: ['none', 'tanh'] }) },
    cases: [{ inputs: [[2, 3, 4]] }, { inputs: [[2, 3, 4]], attributes: { approximate: 'tanh' } }],
  },
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
  examples: [
    {
      inputs: [
        [2, 3, 4, 5],
        [3, 1, 1],
      ],
    },
    { inputs: [[2, 3], [1]], opset: 7 },
    {
      inputs: [
        [2, 3],
        [2, 3],
      ],
    },
  ],
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
  examples: [
    { inputs: [[2, 3, 4]], attributes: { min: { float: -0.3 }, max: { float: 0.6 } }, opset: 7 },
    { inputs: [[2, 3, 4]] },
    { inputs: [[2, 3, 4], { shape: [], between: [-0.5, -0.4], gradient: false }] },
    { inputs: [[2, 3, 4], null, { shape: [], between: [0.4, 0.5], gradient: false }] },
    {
      inputs: [[2, 3, 4], { shape: [], between: [-0.5, -0.4] }, { shape: [], between: [0.4, 0.5] }],
    },
  ],
});

/** A bound for every element of x. */
function throughout(bound: tf.Tensor, x: tf.Tensor): tf.Tensor {
  if (bound.size !== 1) throw new UnsupportedForm(`a bound [${bound.shape}] that is no scalar`);
  return broadcastTo(bound.reshape([]), x.shape);
}
