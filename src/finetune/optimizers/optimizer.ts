/**
 * What an optimizer is to Temper: a pure update of one tensor, in tfjs, traced into the training step. The slots (momentum and
 * the like) are part of the state of the program. What depends on the step number is computed in JavaScript and enters as
 * scalars, so that nothing is baked into the recording. (The optimizers of tf.train keep their slots in variables, which a
 * recording cannot carry from step to step.)
 */
import type * as tf from '@tensorflow/tfjs';
import type { Problem } from '../../errors.js';

export interface Update {
  readonly parameter: tf.Tensor;
  /** Of the loss; multiplied by the learning rate already if the optimizer `scalesGradient`. */
  readonly gradient: tf.Tensor;
  /** By slot name, each of the shape of the parameter; zeros before the first step. */
  readonly slots: Readonly<Record<string, tf.Tensor>>;
  /** This step's `scalars`. */
  readonly scalars: Readonly<Record<string, tf.Scalar>>;
  /** Axis of the parameter's output channels; -1 if there is no single one. */
  readonly axis: number;
  /** Whether weight decay applies to this parameter. */
  readonly decays: boolean;
}

export interface Updated {
  readonly parameter: tf.Tensor;
  readonly slots: Readonly<Record<string, tf.Tensor>>;
}

export interface Optimizer {
  readonly name: string;
  readonly slots: readonly string[];
  /**
   * The optimizer wants gradients times `learningRate`. The trainer scales the one number the backward pass starts from, so
   * that the product costs nothing: the update of a large tensor is bound by memory, and every pass over it counts.
   */
  readonly scalesGradient: boolean;
  /** Inputs of step 0, 1, ... Always the same names; `learningRate` is among them if the optimizer `scalesGradient`. */
  scalars(learningRate: number, step: number): Record<string, number>;
  update(at: Update): Updated;
}

export interface OptimizerOptions {
  /** SGD: share of the last update that is kept. Adam: beta1. */
  readonly momentum: number;
  readonly nesterov: boolean;
  /** Adam: decay of the mean square, beta2. */
  readonly beta2: number;
  readonly epsilon: number;
  readonly weightDecay: number;
  /** Decay outside the gradient statistics: w - lr * decay * w (Loshchilov and Hutter, ICLR 2019). */
  readonly decoupled: boolean;
}

export interface OptimizerDefinition {
  readonly name: string;
  readonly summary: string;
  readonly citation: string;
  readonly defaults: OptimizerOptions;
  /** Learning rate at which a search for one begins. */
  readonly usualRate: number;
  /** Options this optimizer has no use for are refused unless they are at their default. */
  readonly uses: readonly (keyof OptimizerOptions)[];
  check(options: OptimizerOptions): Problem[];
  create(options: OptimizerOptions): Optimizer;
}

/** Declares an optimizer. Add it to the list in index.ts. */
export function defineOptimizer(definition: OptimizerDefinition): OptimizerDefinition {
  return definition;
}
