/** The model whose weights the noise is drawn on, if it is not the one that is judged: read, and of the same form. */
import { problemsIn, TemperError } from '../../errors.js';
import { brokenValues } from '../../mapping/brokenValues.js';
import { crossbarTensors } from '../../mapping/crossbar.js';
import { type CleanWeight, cleanWeights } from '../chips/draws.js';
import type { Held, ModelHolder } from '../chips/held.js';
import { loadModel, type ModelSource } from '../feed/source.js';
import type { OpenedModel } from './openModel.js';
import { formDifferences } from './sameForm.js';

export interface Reference {
  readonly facts: { path?: string; sha256: string };
  readonly held: Held;
  readonly weights: CleanWeight[];
}

/** Throws TemperError('io'), or 'model' with everything in which one of the judged models has another form. */
export async function openReference(
  source: ModelSource,
  models: readonly OpenedModel[],
  holder: ModelHolder,
): Promise<Reference> {
  const { model, sha256, path, where } = await loadModel(source);
  // What the model keeps digital is no matter here.
  const digital = new Set(models[0]!.arrangement.spared.map(({ name }) => name));
  const tensors = crossbarTensors(model).filter(({ name }) => !digital.has(name));
  const broken = brokenValues(model);
  if (broken.length > 0) throw new TemperError('model', problemsIn(where, broken));
  const problems = models.flatMap((opened) => formDifferences(opened, { model, tensors }));
  if (problems.length > 0) {
    const hint = 'noise of another model needs the same tensors: export both with the same options';
    throw new TemperError(
      'model',
      problems.map(({ what }) => ({ what, where: `noise drawn on ${where}`, hint })),
    );
  }
  const facts = { ...(path !== undefined && { path }), sha256 };
  return { facts, held: holder.hold(model, tensors), weights: cleanWeights(tensors) };
}

/** What a reader of the numbers must know. */
export function referenceNotes(reference: Reference | undefined): string[] {
  if (!reference) return [];
  return [
    `The noise was drawn on the weights of ${nameOf(reference)} and added to these: the same deviations in units of the weights, not relative to the weights judged.`,
  ];
}

export function nameOf({ facts }: Reference): string {
  return facts.path ?? `sha256 ${facts.sha256}`;
}
