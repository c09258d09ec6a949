/** All models of one verification: the one asked about, another to hold it against, and the one whose weights noise is drawn on. */
import { type CleanWeight, cleanWeights } from '../chips/draws.js';
import type { ModelSource } from '../feed/source.js';
import { type OpenedModel, type OpenModelOptions, openModel } from './openModel.js';
import { openReference, type Reference } from './reference.js';
import { requireSameForm } from './sameForm.js';

export interface ModelSources {
  readonly model: ModelSource;
  readonly against?: ModelSource | undefined;
  readonly noiseFrom?: ModelSource | undefined;
}

export interface OpenedModels {
  readonly model: OpenedModel;
  readonly against: OpenedModel | undefined;
  /** Both, as far as there are two: what is judged. */
  readonly models: readonly OpenedModel[];
  readonly reference: Reference | undefined;
}

/** Throws TemperError('model') with every problem of a model and of the data, or of models in different forms; or 'io'. */
export async function openModels(sources: ModelSources, options: OpenModelOptions): Promise<OpenedModels> {
  const model = await openModel(sources.model, options);
  const against =
    sources.against === undefined
      ? undefined
      : await openModel(sources.against, { ...options, inherited: choiceOf(model) });
  if (against) requireSameForm(model, against);
  const models = against ? [model, against] : [model];
  const reference =
    sources.noiseFrom === undefined
      ? undefined
      : await openReference(sources.noiseFrom, models, options.holder);
  return { model, against, models, reference };
}

/** Every weight that noise is drawn on or added to. */
export function weightsOf({ models, reference }: OpenedModels): CleanWeight[] {
  return [...models.flatMap(({ tensors }) => cleanWeights(tensors)), ...(reference?.weights ?? [])];
}

/** What a file says of its layers holds for the other too, unless that says otherwise itself. */
function choiceOf({ arrangement: { chosenBy, names } }: OpenedModel): OpenModelOptions['inherited'] {
  return chosenBy === 'file' ? names : undefined;
}
