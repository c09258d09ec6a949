/** A training step as a pure tfjs function, and what an engine makes of it: a program that runs K of them in a row. */
import type * as tf from '@tensorflow/tfjs';
import type { HostTensor } from '../runtime/host.js';
import { extentOf } from './shapes.js';
import type { TensorSpec, Tensors } from './trace.js';

/**
 * state: carried from step to step; batch: what is new in this step; constants: the same in all steps.
 * Returns the next state (same names, shapes, types) and metrics (float32 scalars).
 */
export type Step = (
  state: Tensors,
  batch: Tensors,
  constants: Tensors,
) => { state: Tensors; metrics: Record<string, tf.Tensor> };

export interface StepSpecs {
  state: readonly TensorSpec[];
  /** One step's batch, without the leading dimension of `run`. */
  batch: readonly TensorSpec[];
  constants?: Record<string, HostTensor>;
}

export interface StepProgram {
  /**
   * Runs K steps. `batches` hold all K of them along a leading dimension.
   * Running 2 x 10 steps gives the same bits as 20.
   * @param what  what for, should it take too long: as in "when the model is trained"
   * @returns the state after the last step, and K values of every metric
   */
  run(
    state: Record<string, HostTensor>,
    batches: Record<string, HostTensor>,
    what?: string,
  ): Promise<{ state: Record<string, HostTensor>; metrics: Record<string, Float32Array> }>;
  release(): Promise<void>;
}

export function required(tensors: Record<string, HostTensor>, name: string): HostTensor {
  const tensor = tensors[name];
  if (!tensor) throw new Error(`the step needs ${name}`);
  return tensor;
}

/** K, the number of steps that the batches are for. */
export function stepsIn(batches: Record<string, HostTensor>, { batch: [first] }: StepSpecs): number {
  return first ? extentOf(required(batches, first.name).dims, 0) : 0;
}
