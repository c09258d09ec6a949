/** `--recipe FILE`: the options of an earlier run stand in for those the command line leaves out. */
import { readFile } from 'node:fs/promises';
import { readHint, TemperError } from '../../errors.js';
import { isUnedited, parseRecipe, type Recipe } from './recipe.js';

export interface Preset {
  path: string;
  recipe: Recipe;
  /** Whether the recipe is as it was written; undefined if it does not tell. */
  unedited: boolean | undefined;
}

/** Undefined without a recipe. */
export async function readPreset(path: unknown): Promise<Preset | undefined> {
  if (typeof path !== 'string') return undefined;
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new TemperError(
      'io',
      { what: `the recipe cannot be read (${cause.code})`, where: path, ...readHint(cause) },
      { cause },
    );
  });
  const recipe = parseRecipe(text, path);
  return { path, recipe, unedited: isUnedited(text) };
}

/** Values by option name, and the model's path as `model`. */
export function presetValues(preset: Preset | undefined): Record<string, unknown> {
  return preset ? { ...preset.recipe.options, model: preset.recipe.model.path } : {};
}
