/**
 * The examples a model is judged on. Somebody's own file or folder without train and test parts is judged whole, but never what
 * the model was trained on: if it lies in the folder of a run on these data, only the share that the run kept aside is taken.
 */
import { readFile } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import type { Dataset } from '../../data/dataset.js';
import { parseRecipe, type Recipe } from '../run/recipe.js';
import { type DataValues, type ExampleRequest, openExamples } from './examples.js';

export async function openJudged(
  values: DataValues & { input: string },
  request: ExampleRequest,
): Promise<Dataset> {
  if (values['test-fraction'] !== undefined) return openExamples(values, 'test', request);
  const whole = await openExamples(values, 'test', { ...request, undivided: 'whole' });
  const run = await runOf(values.input);
  if (!whole.undivided || run === undefined || !isOf(run, whole)) return whole;
  const { 'test-fraction': fraction, 'split-seed': seed } = run.options as DataValues;
  const kept = { ...values, 'test-fraction': fraction, 'split-seed': seed ?? values['split-seed'] };
  const dataset = await openExamples(kept, 'test', request);
  const note =
    'The model was trained on a share of these data (recipe.json beside it); the rest of them is judged.';
  return { ...dataset, notes: [...(dataset.notes ?? []), note] };
}

/** The recipe of the run folder that the model lies in. */
async function runOf(model: string): Promise<Recipe | undefined> {
  const path = join(dirname(model), 'recipe.json');
  try {
    return parseRecipe(await readFile(path, 'utf8'), path);
  } catch {
    return undefined; // no folder of a run
  }
}

function isOf({ data }: Recipe, { files }: Dataset): boolean {
  return files.some(({ path, sha256 }) =>
    data.some((file) => file.sha256 === sha256 || resolve(file.path) === resolve(path)),
  );
}
