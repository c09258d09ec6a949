/** The training step that fits a network, data and settings; refused where they do not fit each other. */

import { checkDataset } from '../../data/check.js';
import { type Dataset, exampleSize } from '../../data/dataset.js';
import type { Normalization } from '../../data/normalize.js';
import { parseDevice } from '../../devices/index.js';
import { type Problem, TemperError } from '../../errors.js';
import type { Network } from '../../network/network.js';
import type { Model } from '../../onnx/model.js';
import { dataTypeName } from '../../onnx/tensor.js';
import { createMethod } from '../methods/index.js';
import { createOptimizer } from '../optimizers/index.js';
import type { Settings } from '../settings/settings.js';
import { channelAxes } from '../step/channelAxes.js';
import { channelsByName } from '../step/channels.js';
import { comparedValue } from '../step/compared.js';
import type { Objective } from '../step/objective.js';
import { labelRowProblems, outputRows } from '../step/outputRows.js';
import type { TrainStepOptions } from '../step/trainStep.js';
import { unmappedNotes, untrainedNotes, untrainedProblems, untrainedWeights } from './untrained.js';

/** What training begins with. */
export interface TrainingInput {
  readonly model: Model;
  readonly network: Network;
  readonly dataset: Dataset;
  readonly normalization?: Normalization;
}

/** @param examples number of examples that are trained on: a batch has no more */
export function stepOptionsOf(
  options: TrainingInput,
  settings: Settings,
  examples: number,
): TrainStepOptions {
  const { model, network, dataset, normalization } = options;
  const { gamma, radius, device } = settings;
  if (network.inputs.length !== 1) {
    const names = network.inputs.map(({ name }) => `"${name}"`).join(', ');
    throw new TemperError('model', {
      what: `the model has ${network.inputs.length} inputs (${names}); training feeds one`,
    });
  }
  const input = network.inputs[0]!;
  if (input.dtype !== 'float32') {
    throw new TemperError('model', {
      what: `the input "${input.name}" is ${dataTypeName(input.elementType)}; training feeds float32`,
    });
  }
  const output = network.outputs[0]!;
  if (settings.batchNorm === 'trained') refuse([...network.frozenOnly]);
  const value = comparedValue(model, output, settings.loss);
  const exampleShape = exampleShapeOf(input.shape.slice(1), dataset.shape);
  const { augmentation } = settings;
  const target = { inputShape: input.shape, normalization, augmentation };
  refuse(checkDataset(dataset, target));
  const rows = outputRows(network, value, exampleShape);
  const classes = exampleSize(rows.shape);
  refuse([...labelRowProblems(rows, value, dataset), ...checkDataset(dataset, { ...target, classes })]);
  if (dataset.targets && settings.loss === 'cross-entropy') {
    throw new TemperError('usage', {
      what: 'the data hold targets, not classes',
      hint: 'use the loss mean-squared-error',
    });
  }
  const targets: Objective['targets'] = dataset.targets ? { shape: dataset.targetShape ?? [] } : { classes };
  const stepOptions: TrainStepOptions = {
    network,
    objective: { loss: settings.loss, value, axis: rows.axis, targets, smoothing: settings.smoothing },
    optimizer: createOptimizer(settings.optimizer, settings.optimizerOptions),
    method: createMethod(settings.method, {
      ...(gamma !== undefined && { gamma }),
      ...(radius !== undefined && { radius }),
    }),
    device: device === undefined ? undefined : parseDevice(device),
    channels: channelsByName(model),
    batchSize: Math.min(settings.batchSize, examples),
    exampleShape,
    batchNorm: settings.batchNorm,
    clips: settings.clip === 'auto' || settings.clip.multiple > 0,
    axes: channelAxes(model),
    decayOn: settings.decayOn,
    seed: settings.seed,
  };
  refuse(untrainedProblems(untrainedWeights(model, network), stepOptions));
  return stepOptions;
}

function refuse(problems: Problem[]): void {
  if (problems.length > 0) throw new TemperError('model', problems);
}

/** What the model leaves open is as the data have it. */
function exampleShapeOf(input: readonly (number | undefined)[], data: readonly number[]): number[] {
  if (!input.includes(undefined)) return input as number[];
  if (input.length === data.length) return [...data];
  const rest = data.filter((extent) => extent !== 1);
  return input.map((extent) => (extent === 1 ? 1 : (rest.shift() ?? 1)));
}

/** What a user should know about a step that can be trained. */
export function notesOf(model: Model, stepOptions: TrainStepOptions, settings: Settings): string[] {
  const { batchSize, network } = stepOptions;
  const untrained = untrainedWeights(model, network);
  const notes = [
    ...untrainedNotes(untrained),
    ...(stepOptions.method.perturbs ? unmappedNotes(network) : []),
  ];
  if (batchSize < settings.batchSize) {
    notes.push(`The batch size is ${batchSize}, as there are no more training examples.`);
  }
  if (network.outputs.length > 1) {
    notes.push(`Of the ${network.outputs.length} outputs the first, "${network.outputs[0]}", is trained.`);
  }
  if (untrained.length === 0 && ![...network.parameters.values()].some(({ crossbar }) => crossbar)) {
    notes.push('No weight of this network sits on a crossbar: there is nothing to perturb.');
  }
  return notes;
}
