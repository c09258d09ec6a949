import { expect, test } from 'vitest';
import { digitalOf } from '../../src/cli/options/digital.js';
import { differences, parseRecipe } from '../../src/cli/run/recipe.js';
import { exampleRecipe } from './exampleRecipe.js';

test('names are separated by commas, or given one by one', () => {
  expect(digitalOf(['fc.weight, Gemm', '/features/*'])).toEqual(['fc.weight', 'Gemm', '/features/*']);
  expect(digitalOf(['a\\,b,c', 'd\\,'])).toEqual(['a,b', 'c', 'd,']);
  expect(digitalOf(undefined)).toBeUndefined();
});

test('the recipe of a run has them, and another choice is another recipe', () => {
  const recipe = exampleRecipe({ digital: ['fc'] });
  expect(parseRecipe(JSON.stringify(recipe), 'recipe.json').options.digital).toEqual(['fc']);
  expect(differences(recipe, exampleRecipe({ digital: ['fc'] }))).toEqual([]);
  expect(differences(recipe, exampleRecipe())).toEqual(['--digital: ["fc"] then, not given now']);
});
