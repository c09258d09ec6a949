/** `--recipe FILE`: the options of an earlier run stand in for those the command line leaves out. */
import { readFile } from 'node:fs/promises';
import { TemperError } from '../errors.js';
import { parseRecipe } from './recipe.js';

/** Values by option name, and the model's path as `model`. Empty without a recipe. */
export async function readPreset(path: unknown): Promise<Record<string, unknown>> {
  if (typeof path !== 'string') return {};
  const text = await readFile(path, 'utf8').catch((cause) => {
    throw new TemperError(
      'io',
      { what: `the recipe cannot be read (${cause.code})`, where: path },
      { cause },
    );
  });
  const recipe = parseRecipe(text, path);
  return { ...recipe.options, model: recipe.model.path };
}
