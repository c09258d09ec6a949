/** How a model says its inputs were scaled in training: metadata `temper.input`, as the scripts of models/ write it. */
import { z } from 'zod';
import type { Normalization } from '../data/normalize.js';
import type { Model } from '../onnx/model.js';
import { metadata } from '../onnx/walk.js';

const stated = z.object({ scale: z.literal('0..1'), mean: z.array(z.number()), std: z.array(z.number()) });

/** A note if the model names another normalization than the one it is used with: accuracies would be wrong, not absent. */
export function statedInputNotes(model: Model, { mean, std }: Normalization): string[] {
  const own = statedInput(model);
  if (!own || (isSame(own.mean, mean) && isSame(own.std, std))) return [];
  const words = (values: Normalization) => `--mean ${values.mean} --std ${values.std}`;
  return [`The model says it was trained with ${words(own)}; used here: ${words({ mean, std })}.`];
}

function statedInput(model: Model): Normalization | undefined {
  const text = metadata(model).get('temper.input');
  if (text === undefined) return undefined;
  try {
    return stated.safeParse(JSON.parse(text)).data;
  } catch {
    return undefined; // somebody else's metadata
  }
}

/** One value stands for all channels. */
function isSame(a: readonly number[], b: readonly number[]): boolean {
  const channels = Math.max(a.length, b.length);
  const at = (values: readonly number[], i: number) => (values.length === 1 ? values[0] : values[i]);
  return Array.from({ length: channels }, (_, i) => at(a, i) === at(b, i)).every(Boolean);
}
