/**
 * What a neuron model is to Temper: one pure tfjs step. The eager reference runs it, and the exported file holds the
 * nodes traced from it, so both follow the same equations.
 */
import type * as tf from '@tensorflow/tfjs';

/** What one time step gives: the current sent to the next layer and the state carried to the next step. */
export interface NeuronOutput {
  readonly output: tf.Tensor;
  readonly state: Record<string, tf.Tensor>;
}

export interface NeuronDefinition {
  /** The word on the command line and in `metadata_props`. */
  readonly name: string;
  readonly summary: string;
  readonly citation: string;
  readonly notModelled: readonly string[];
  /** Names of the state variables. Each has the shape of the input. */
  readonly state: readonly string[];
  /** Every state variable at time 0, equal for all neurons of a layer. */
  initial(threshold: number): Record<string, number>;
  /**
   * One time step of a layer. `input` and every state variable have one shape (any); `threshold` is a positive scalar.
   * Elementwise only: the traced nodes must serve any batch size. Differentiable: the spike brings a surrogate gradient.
   */
  step(input: tf.Tensor, state: Readonly<Record<string, tf.Tensor>>, threshold: tf.Scalar): NeuronOutput;
  /**
   * For a constant input z over T steps from `initial`, the mean output differs from clip(z, 0, threshold) by at most
   * this (exact arithmetic).
   */
  rateError(threshold: number, timesteps: number): number;
}

/** Identity function: declares a neuron model. Add it to the list in index.ts. */
export function defineNeuron(definition: NeuronDefinition): NeuronDefinition {
  return definition;
}
