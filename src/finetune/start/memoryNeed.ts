/**
 * What training takes of memory, told before it begins: beyond what the machine has it would end in the middle, by force. The
 * share of each tensor is measured (docs/decisions/0025-beyond-one-buffer.md); what is left out is small beside it.
 */
import type { Problem } from '../../errors.js';
import { modelSize } from '../../onnx/mapped.js';
import type { Model } from '../../onnx/model.js';
import { elements } from '../step/host.js';
import { rolesOf } from '../step/state.js';
import type { TrainStepOptions } from '../step/trainStep.js';

const gibi = 2 ** 30;
const bytesPerValue = 4;
/** Copies of a trained tensor: values, gradient and what is made of them, in the program and on the way there and back. */
const perTrained = 8;
/** Copies of each slot of the optimizer (momentum and the like), which goes the same way. */
const perSlot = 3.5;
/** Copies of a tensor that is perturbed: its chips, and the noise they are made of. */
const perPerturbed = 4;
/** Copies of the largest one: prepared noise is twice its size. */
const perLargest = 4;

export interface MemoryNeed {
  readonly bytes: number;
  readonly trained: number;
}

export function memoryNeed(model: Model, options: TrainStepOptions): MemoryNeed {
  const { network, optimizer, method, device } = options;
  const { trained } = rolesOf(network, options);
  const sizeOf = ({ shape }: { shape: readonly number[] }) => bytesPerValue * elements(shape);
  const sum = (sizes: readonly number[]) => sizes.reduce((total, size) => total + size, 0);
  const all = sum(trained.map(sizeOf));
  const noises = device?.noiseCount ?? 1;
  const perturbed = trained
    .filter(({ crossbar }) => crossbar && method.samples)
    .map((parameter) => noises * sizeOf(parameter));
  const bytes =
    modelSize(model) +
    (perTrained + perSlot * optimizer.slots.length) * all +
    perPerturbed * sum(perturbed) +
    perLargest * Math.max(0, ...perturbed);
  return { bytes, trained: all };
}

/** @param memory bytes that there are */
export function memoryProblems(model: Model, options: TrainStepOptions, memory: number): Problem[] {
  const { bytes, trained } = memoryNeed(model, options);
  if (bytes <= memory) return [];
  const slots = options.optimizer.slots.length;
  const saved =
    slots > 0 ? '--optimizer sgd --momentum 0 takes less, as it keeps nothing beside the weights; ' : '';
  return [
    {
      what: `training takes about ${(bytes / gibi).toPrecision(2)} GiB of memory, ${(bytes / trained).toPrecision(2)} times the ${(trained / gibi).toPrecision(2)} GiB of weights that are trained, and there are ${(memory / gibi).toPrecision(2)}`,
      hint: `${saved}use a machine with more memory, or insist with --max-memory GIB; verify and export take little more than the model (temper export MODEL --bits 8)`,
    },
  ];
}
