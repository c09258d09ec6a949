import { hardenOptions } from '../../src/cli/options/harden.js';
import { type Option, usualOf } from '../../src/cli/parse/option.js';
import type { Recipe } from '../../src/cli/run/recipe.js';
import { recipeOptions } from '../../src/cli/run/recipe.js';

const defaults = Object.fromEntries(
  Object.entries<Option>(hardenOptions).flatMap(([name, option]) => {
    const usual = usualOf(option);
    return usual === undefined ? [] : [[name, usual]];
  }),
);

/** A recipe as `temper harden` writes it, with some options changed. */
export function exampleRecipe(options: Record<string, unknown> = {}): Recipe {
  return {
    schema: 1,
    command: 'harden',
    model: { path: 'model.onnx', sha256: 'a'.repeat(64) },
    data: [{ path: 'digits.json', sha256: 'b'.repeat(64) }],
    options: recipeOptions({ ...defaults, data: 'digits', out: 'run', ...options }),
    training: {},
    environment: {
      temper: '1',
      onnxruntime: '1',
      tfjs: '1',
      node: '20',
      platform: 'linux x64',
      cpu: 'abacus',
    },
  };
}
