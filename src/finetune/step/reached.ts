/**
 * Parameters to which no gradient came before the first step, though a way leads to them: behind dead units, or behind a
 * factor that is zero until something else has moved. Until the first gradient comes they keep every bit: neither decayed nor
 * clipped, and no momentum.
 */
import type * as tf from '@tensorflow/tfjs';
import { choose } from '../../compile/index.js';
import type { Scaled } from './gradients.js';
import type { Roles } from './state.js';
import { mapNamed, type Named, named, type StepState, tensorOf } from './stepState.js';

/** The `next` state, with such parameters and their slots as they were unless a gradient has come by now. */
export function onceReached(
  { waiting }: Roles,
  next: StepState<tf.Tensor>,
  state: StepState<tf.Tensor>,
  { gradients }: Scaled,
): StepState<tf.Tensor> {
  const kept = waiting.map(({ name }) => {
    const reached = magnitude(gradients[name]).add(tensorOf(state.reached, name)).sign();
    const [parameter, ...slots] = choose(
      reached.greater(0),
      () => carried(next, name),
      () => carried(state, name),
    );
    return { name, reached, parameter, slots };
  });
  const replaced = (tensors: Named<tf.Tensor>, of: (at: (typeof kept)[number]) => tf.Tensor | undefined) =>
    named([...Object.entries(tensors), ...kept.flatMap((at) => entry(at.name, of(at)))]);
  const slotNames = Object.keys(state.slots);
  return {
    ...next,
    parameters: replaced(next.parameters, ({ parameter }) => parameter),
    slots: mapNamed(next.slots, (tensors, slot) =>
      replaced(tensors, ({ slots }) => slots[slotNames.indexOf(slot)]),
    ),
    reached: replaced(next.reached, ({ reached }) => reached),
  };
}

function entry<T>(name: string, tensor: T | undefined): [string, T][] {
  return tensor === undefined ? [] : [[name, tensor]];
}

/** The parameter and its slots. */
function carried({ parameters, slots }: StepState<tf.Tensor>, name: string): tf.Tensor[] {
  return [parameters, ...Object.values(slots)].map((tensors) => tensorOf(tensors, name).clone());
}

function magnitude(gradient: tf.Tensor | undefined): tf.Tensor {
  if (!gradient) throw new Error('a parameter that waits for gradients has a way for them');
  return gradient.abs().sum();
}
