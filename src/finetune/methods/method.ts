/**
 * What a training method is to Temper: at which weights the gradient is taken. The gradient is then applied to the clean
 * weights, which are never touched ("weight reverse" without the rounding of w + e - e).
 */
import type * as tf from '@tensorflow/tfjs';
import type { Problem } from '../../errors.js';

/** What a method sees of a training step. Tensors are by parameter name; only weights on a crossbar are among them. */
export interface CleanStep {
  readonly weights: Readonly<Record<string, tf.Tensor>>;
  /** 0 ... 1, the noise ramp. */
  readonly strength: tf.Scalar;
  /** This step's `flags`. */
  readonly flags: Readonly<Record<string, tf.Scalar>>;
  /** The weights as programmed into a chip of the device, at this strength: a new chip in each step. */
  programmed(): Record<string, tf.Tensor>;
  /**
   * Gradients of the loss over this mini-batch at the clean weights: a forward and a backward pass. Weights that do not reach
   * the loss have none.
   */
  gradients(): Partial<Record<string, tf.Tensor>>;
}

export interface Method {
  readonly name: string;
  /** Whether `programmed` may be called, which needs a device. */
  readonly samples: boolean;
  /** Whether `strength` is used. */
  readonly perturbs: boolean;
  /** Booleans fed to this step, from one uniform random number in (0, 1). Always the same names. */
  flags(uniform: number): Record<string, boolean>;
  /** The weights at which the gradient is taken; no gradient flows through how they were made. */
  perturb(at: CleanStep): Record<string, tf.Tensor>;
}

export interface MethodOptions {
  /** Probability that a mini-batch is perturbed by the device rather than by gradient ascent. */
  readonly gamma: number;
  /** Length of the gradient-ascent step relative to the norm of each weight tensor. */
  readonly radius: number;
}

/** Settings of the trainer that belong to a method unless the user says otherwise. */
export interface TrainerDefaults {
  /** Fraction of all steps over which the perturbation grows from 0 to its full strength. */
  readonly ramp: number;
}

export interface MethodDefinition {
  readonly name: string;
  readonly summary: string;
  readonly citation: string;
  readonly defaults: MethodOptions & TrainerDefaults;
  check(options: MethodOptions): Problem[];
  create(options: MethodOptions): Method;
}

/** Declares a method. Add it to the list in index.ts. */
export function defineMethod(definition: MethodDefinition): MethodDefinition {
  return definition;
}
