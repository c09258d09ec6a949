/** Import: an ONNX model becomes a Network. The model itself stays as it is; what was read differently is told. */
import { TemperError } from '../errors.js';
import type { Network } from '../network/network.js';
import { type Plan, walkPlan } from '../network/plan.js';
import { DataType, type Model } from '../onnx/model.js';
import { type ExamineOptions, examine } from './examine.js';
import type { PassReport } from './normalize/pass.js';

export interface Imported {
  readonly model: Model;
  readonly network: Network;
  /** What a user should know: batches reinterpreted, types computed in others, operators that do nothing here. */
  readonly notes: readonly string[];
  /** What the passes did to the view that the network is made from, and what they left, with the reasons. */
  normalization(): PassReport[];
}

/** Throws TemperError('model') with every problem, or 'usage' for dimensions that the model does not have. */
export function importModel(model: Model, options: ExamineOptions = {}): Imported {
  const { network, plan, problems, notes, normalization } = examine(model, options);
  if (problems.length > 0) throw new TemperError('model', problems);
  return { model, network, notes: [...generalNotes(network, plan), ...notes], normalization };
}

function generalNotes(network: Network, plan: Plan): string[] {
  const notes: string[] = [];
  for (const { name, fixedBatch } of network.inputs)
    if (fixedBatch !== undefined)
      notes.push(`input "${name}" has a fixed batch of ${fixedBatch}; any batch is accepted here`);
  const rounded = [...plan.constants.values()].filter(({ elementType }) => elementType === DataType.DOUBLE);
  if (rounded.length > 0) notes.push(`${rounded.length} float64 tensors are rounded to float32`);
  const clamped = [...plan.constants.values()].filter((constant) => constant.clamped);
  if (clamped.length > 0)
    notes.push(`${clamped.length} tensors store integers beyond int32, which are read as its ends`);
  const coded = [...network.parameters.values()].filter(({ grid }) => grid);
  if (coded.length > 0)
    notes.push(
      `${coded.length} tensors are stored as codes: the weights they stand for are trained, and written back as codes`,
    );
  const nodes = [...walkPlan(plan)].map(({ planned }) => planned);
  const casts = nodes.filter(
    ({ node, attributes }) => node.opType === 'Cast' && isOtherFloat(attributes.to as number),
  );
  if (casts.length > 0)
    notes.push(`${casts.length} casts to other float types: what comes of them is computed in float32`);
  const dropouts = nodes.filter(({ node }) => node.opType === 'Dropout');
  if (dropouts.length > 0)
    notes.push(`${dropouts.length} Dropout nodes drop nothing, in training as in inference`);
  if (network.parameters.size === 0)
    notes.push('the model has no float parameters: it can be run, but not trained');
  return notes;
}

function isOtherFloat(elementType: number): boolean {
  return (
    elementType === DataType.FLOAT16 || elementType === DataType.BFLOAT16 || elementType === DataType.DOUBLE
  );
}
