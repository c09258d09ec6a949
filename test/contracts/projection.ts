/** All float outputs of a one-node model as one number, whose gradient tells those of the outputs apart. */
import * as tf from '@tensorflow/tfjs';
import { buildNetwork } from '../../src/network/network.js';
import { randomStream } from '../../src/random/stream.js';
import type { Read } from './eager.js';
import type { OneNode } from './oneNode.js';

/** Fixed random weights of an output. */
function weightsOf(name: string, size: number): Float32Array {
  return randomStream('projection', name).normals(size);
}

/** Summed in double precision. */
export function projection(outputs: Record<string, Read>): number {
  let total = 0;
  for (const [name, { values, dtype }] of Object.entries(outputs)) {
    if (dtype !== 'float32') continue;
    const weights = weightsOf(name, values.length);
    for (let i = 0; i < values.length; i++) total += values[i]! * weights[i]!;
  }
  return total;
}

/** The outputs, and the gradients of their projection in every float input. */
export function valuesAndGradients(
  node: OneNode,
  inputs: Record<string, tf.Tensor>,
  gradients: boolean,
): Record<string, tf.Tensor> {
  const network = buildNetwork(node.model);
  const names = node.floats.map(({ name }) => name);
  const { outputs } = network.forward({}, inputs);
  if (!gradients) return outputs;
  const loss = (...given: tf.Tensor[]) => {
    const at = Object.fromEntries(names.map((name, i) => [name, given[i]!]));
    const terms = Object.entries(network.forward({}, at).outputs)
      .filter(([, y]) => y.dtype === 'float32')
      .map(([name, y]) => y.mul(tf.tensor(weightsOf(name, y.size), y.shape)).sum());
    return terms.reduce((a, b) => a.add(b)) as tf.Scalar;
  };
  const slopes = names.length > 0 ? tf.grads(loss)(names.map((name) => inputs[name]!)) : [];
  return { ...outputs, ...Object.fromEntries(names.map((name, i) => [`gradient_${name}`, slopes[i]!])) };
}
