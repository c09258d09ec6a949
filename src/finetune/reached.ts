/**
 * Parameters to which no gradient came before the first step, though a way leads to them: behind dead units, or behind a
 * factor that is zero until something else has moved. Until the first gradient comes they keep every bit: neither decayed nor
 * clipped, and no momentum.
 */
import type * as tf from '@tensorflow/tfjs';
import { choose, type Tensors } from '../compile/index.js';
import type { Scaled } from './gradients.js';
import { type Roles, stateNames } from './state.js';
import type { TrainStepOptions } from './trainStep.js';

/** What replaces the `next` state of such parameters. */
export function onceReached(
  { optimizer }: Pick<TrainStepOptions, 'optimizer'>,
  { waiting }: Roles,
  next: Tensors,
  state: Tensors,
  { gradients }: Scaled,
): Tensors {
  const entries = waiting.flatMap(({ name }) => {
    const reached = magnitude(gradients[name]).add(state[stateNames.reached(name)]!).sign();
    const kept = [stateNames.parameter(name), ...optimizer.slots.map((slot) => stateNames.slot(slot, name))];
    const chosen = choose(
      reached.greater(0),
      () => kept.map((key) => next[key]!.clone()),
      () => kept.map((key) => state[key]!.clone()),
    );
    return [
      [stateNames.reached(name), reached],
      ...kept.map((key, i) => [key, chosen[i]!] as const),
    ] as const;
  });
  return Object.fromEntries(entries);
}

function magnitude(gradient: tf.Tensor | undefined): tf.Tensor {
  if (!gradient) throw new Error('a parameter that waits for gradients has a way for them');
  return gradient.abs().sum();
}
