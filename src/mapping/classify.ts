/**
 * What becomes of every stored value of a model on a chip: it sits on a crossbar and is disturbed, it is known to do no harm
 * without noise (biases, normalizations, scalars, shapes), or the model is refused, as it would look more robust than it is.
 */
import type { Problem } from '../errors.js';
import type { Model } from '../onnx/model.js';
import { type CrossbarTensor, crossbarTensors } from './crossbar.js';
import { unmappedLayers } from './unmapped.js';

/** A stored value that needs no noise. */
export interface Harmless {
  /** Name of the tensor; of an attribute `NODE.ATTRIBUTE`, NODE being the node's name or its first output. */
  readonly name: string;
  readonly reason: string;
}

/** Stored values that one node mixes with activations, and that no chip could disturb. */
export interface Refused {
  /** By name, as in `Harmless`. */
  readonly tensors: readonly string[];
  /** Name of the node; its first output if it has none. */
  readonly node: string;
  readonly problem: Problem;
}

export interface Classification {
  readonly mapped: readonly CrossbarTensor[];
  readonly harmless: readonly Harmless[];
  readonly refused: readonly Refused[];
}

export function classify(model: Model): Classification {
  const refused = unmappedLayers(model).map((problem) => ({ tensors: [], node: '', problem }));
  return { mapped: crossbarTensors(model), harmless: [], refused };
}
