/** The gradient of a kernel of ours in tfjs's terms, which keeps what is needed in lists: inputs first, then outputs. */
import type * as tf from '@tensorflow/tfjs';
import { elementOf } from '../lists/elementOf.js';
import type { KernelGradient } from './kernel.js';

export function gradientForTfjs(
  kernelName: string,
  { needs = [], outputs = [], of }: KernelGradient,
): tf.GradConfig {
  const inputsToSave = needs.filter((name) => !outputs.includes(name));
  const kept = [...inputsToSave, ...outputs.filter((name) => needs.includes(name))];
  return {
    kernelName,
    inputsToSave,
    outputsToSave: outputs.map((name) => needs.includes(name)),
    gradFunc(dys, saved, attrs) {
      const named = kept.map((name, i) => [name, elementOf(saved, i, 'saved tensor')] as const);
      const dy = elementOf([dys].flat(), 0, 'slope');
      return of(dy, Object.fromEntries(named), attrs);
    },
  };
}
