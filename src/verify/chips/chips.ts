/**
 * The chips of a model: drawn on its own weights w, or, with a reference, at equal noise in absolute units. Each deviation is
 * then drawn on the reference's weights and added to those of the model, whatever the device:
 *   w' = w + (program(w_ref, noise) - w_ref)
 * A device whose noise goes with the largest weight is so told apart from weights that were only made smaller.
 */

import type { Weight } from './bakeWeights.js';
import { type ChipSampler, type CleanWeight, type DeviceProgram, openSampler, sampled } from './draws.js';

/** `reference`: the weights of the same tensors in another model (sameForm.ts), in any order. */
export function openChips(
  program: DeviceProgram,
  weights: readonly CleanWeight[],
  seed: number,
  reference?: readonly CleanWeight[],
): ChipSampler {
  if (!reference) return openSampler(program, weights, seed);
  const sampler = openSampler(program, reference, seed);
  const places = new Map(reference.map(({ array }, place) => [array, place]));
  const weight = async (number: number, index: number): Promise<Weight> => {
    const { name, dims, dataType, array, values } = weights[index]!;
    const place = places.get(array)!;
    const drawn = await sampler.weight(number, place);
    return { name, dims, dataType, values: moved(values, reference[place]!.values, drawn.values) };
  };
  return {
    ...sampled(weights.length, weight),
    release: () => sampler.release(),
  };
}

/** A weight that equals the reference's becomes exactly what it becomes there: w + (d - w) would round. */
function moved(weights: Float32Array, reference: Float32Array, drawn: Float32Array): Float32Array {
  return weights.map((weight, i) =>
    weight === reference[i] ? drawn[i]! : weight + (drawn[i]! - reference[i]!),
  );
}
