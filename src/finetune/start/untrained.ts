/** What training cannot reach in a model: nothing to train at all, or weights that a chip disturbs and training does not. */
import type { Problem } from '../../errors.js';
import { type CrossbarTensor, crossbarTensors } from '../../mapping/crossbar.js';
import type { Network } from '../../network/network.js';
import type { Model } from '../../onnx/model.js';
import { createMethod } from '../methods/index.js';
import { rolesOf } from '../step/state.js';
import type { TrainStepOptions } from '../step/trainStep.js';

/** Of codes that are trained, a DequantizeLinear or a layer says in one way what they stand for: storedGrids.ts. */
const fromFloat = 'fine-tune the float model that it was quantized from, and quantize the result';

/** Crossbar weights that are no parameters of the network: neither trained, nor perturbed in training or validation. */
export function untrainedWeights(model: Model, { parameters, digital }: Network): CrossbarTensor[] {
  return crossbarTensors(model).filter(
    ({ name, stored = name }) => !parameters.get(stored)?.crossbar && !digital.includes(name),
  );
}

/** Trained, and free of noise in training, as there is no mapping for their layers (src/mapping/unmapped.ts). */
export function unmappedNotes({ parameters }: Network): string[] {
  const names = [...parameters.values()].filter(({ role }) => role === 'unmapped').map(({ name }) => name);
  return names.length === 0
    ? []
    : [`Trained, but not on a crossbar, and so free of noise: ${listed(names.map((name) => `"${name}"`))}.`];
}

export function untrainedNotes(weights: readonly CrossbarTensor[]): string[] {
  if (weights.length === 0) return [];
  return [`On a crossbar, but neither trained nor perturbed in training: ${named(weights)}.`];
}

/** Reasons not to train this model against a device, whatever the data and the settings. */
export function checkTrainable(model: Model, network: Network): Problem[] {
  const most = { network, method: createMethod('wvat'), batchNorm: 'trained', clips: false } as const;
  return untrainedProblems(untrainedWeights(model, network), most);
}

/** Reasons not to train at all. */
export function untrainedProblems(
  weights: readonly CrossbarTensor[],
  { network, method, batchNorm, clips }: Pick<TrainStepOptions, 'network' | 'method' | 'batchNorm' | 'clips'>,
): Problem[] {
  const { trained } = rolesOf(network, { batchNorm, clips });
  if (trained.length === 0) {
    return [
      {
        what: 'the model has no parameters that can be trained',
        hint:
          weights.length > 0
            ? `its weights are stored in a form that is not trained (${named(weights)}): ${fromFloat}`
            : 'layers must read their weights from float initializers or Constant nodes',
      },
    ];
  }
  if (!method.perturbs || weights.length === 0 || trained.some(({ crossbar }) => crossbar)) return [];
  return [
    {
      what: `${method.name} has no weight to perturb: none on a crossbar can be trained (${named(weights)})`,
      hint: fromFloat,
    },
  ];
}

function named(weights: readonly CrossbarTensor[]): string {
  return listed(weights.map(({ name, source }) => `"${name}" (${source})`));
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, 5);
  return shown.join(', ') + (names.length > shown.length ? `, ${names.length - shown.length} more` : '');
}
