/** The activation functions of recurrent cells, as their attributes name and parametrize them. */
import * as tf from '@tensorflow/tfjs';
import { elu, hardSigmoid } from '../activations.js';
import { float, floats, strings } from '../attributes.js';
import type { Refusal } from '../operator.js';
import { withoutGradient } from '../withoutGradient.js';

export type Activation = (x: tf.Tensor) => tf.Tensor;

interface NamedActivation {
  /**
   * What `alpha` and `beta` are if the node does not say; `null` where they must be said (ONNX leaves it open, or
   * onnxruntime takes another value than ONNX), absent for a function without them.
   */
  readonly alpha?: number | null;
  readonly beta?: number | null;
  of(alpha: number, beta: number): Activation;
}

const reaches = (bound: number) => withoutGradient((x) => x.greaterEqual(bound).cast('float32'));

const named: Readonly<Record<string, NamedActivation>> = {
  Relu: { of: () => (x) => x.relu() },
  Tanh: { of: () => (x) => x.tanh() },
  Sigmoid: { of: () => (x) => x.sigmoid() },
  Softsign: { of: () => (x) => x.div(x.abs().add(1)) },
  Softplus: { of: () => (x) => x.softplus() },
  Affine: { alpha: null, beta: 0, of: (alpha, beta) => (x) => x.mul(alpha).add(beta) },
  LeakyRelu: { alpha: 0.01, of: (alpha) => (x) => tf.leakyRelu(x, alpha) },
  ThresholdedRelu: { alpha: 1, of: (alpha) => (x) => x.mul(reaches(alpha)(x)) },
  ScaledTanh: { alpha: null, beta: null, of: (alpha, beta) => (x) => x.mul(beta).tanh().mul(alpha) },
  HardSigmoid: { alpha: 0.2, beta: 0.5, of: (alpha, beta) => (x) => hardSigmoid(x, alpha, beta) },
  Elu: { alpha: 1, of: (alpha) => (x) => elu(x, alpha, 1) },
};

/** onnxruntime takes the names in any case. */
const byLowerCase = new Map(Object.entries(named).map(([name, one]) => [name.toLowerCase(), one]));

export const activationAttributes = {
  activations: strings(),
  activation_alpha: floats([]),
  activation_beta: floats([]),
  clip: float(),
};

interface GivenActivations {
  readonly activations: readonly string[] | undefined;
  readonly activation_alpha: readonly number[];
  readonly activation_beta: readonly number[];
  readonly clip: number | undefined;
}

/**
 * The functions of each direction; `usual` are those of one direction if the node names none. Values of `activation_alpha` and
 * `activation_beta` go, in order, to the functions that have the parameter. Gates are clipped to [-clip, clip] first; the cell
 * state, which the third function of LSTM takes, is not (so onnxruntime reads it).
 */
export function readActivations(
  given: GivenActivations,
  usual: readonly string[],
  directions: number,
): { activations: Activation[][]; problems: Refusal[] } {
  const { clip } = given;
  const names = given.activations ?? [...Array(directions)].flatMap(() => usual);
  const problems: Refusal[] = [];
  // onnxruntime and older schemas of RNN allow for more names than directions.
  const fits = usual.length === 1 ? names.length >= directions : names.length === directions * usual.length;
  if (!fits) problems.push({ what: `${names.length} activations for ${directions} x ${usual.length}` });
  const [alphas, betas] = [[...given.activation_alpha], [...given.activation_beta]];
  const all = names.slice(0, directions * usual.length).map((name, i): Activation => {
    const known = byLowerCase.get(name.toLowerCase());
    if (!known) {
      problems.push({
        what: `unknown activation "${name}"`,
        hint: `known: ${Object.keys(named).join(', ')}`,
      });
      return (x) => x;
    }
    const [alpha, beta] = [taken(known.alpha, alphas), taken(known.beta, betas)];
    if (alpha === null || beta === null)
      problems.push({ what: `activation ${name} without ${alpha === null ? 'alpha' : 'beta'}` });
    const activate = known.of(alpha ?? 0, beta ?? 0);
    const ofGate = i % usual.length < 2;
    return clip === undefined || !ofGate ? activate : (x) => activate(x.clipByValue(-clip, clip));
  });
  const activations = [...Array(directions).keys()].map((direction) =>
    all.slice(direction * usual.length, (direction + 1) * usual.length),
  );
  return { activations, problems };
}

function taken(fallback: number | null | undefined, values: number[]): number | null | undefined {
  return fallback === undefined ? undefined : (values.shift() ?? fallback);
}
