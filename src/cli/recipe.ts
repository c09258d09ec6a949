/** recipe.json: everything needed to repeat a run. Its JSON Schema is published as docs/recipe.schema.json. */
import { z } from 'zod';
import { TemperError } from '../errors.js';
import type { Option } from './option.js';
import { hardenOptions } from './options/harden.js';

/** Options that say where and how to show, not what to compute. */
const outsideRecipe = new Set(['out', 'fresh', 'quiet', 'json', 'recipe']);

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256 in lower-case hex');

const optionSchemas = Object.fromEntries(
  Object.entries<Option<unknown>>(hardenOptions)
    .filter(([name]) => !outsideRecipe.has(name))
    .map(([name, option]) => {
      const schema = option.schema.describe(option.describe);
      return [name, option.default === undefined && !option.required ? schema.optional() : schema];
    }),
);

const inputFile = z.strictObject({ path: z.string(), sha256 });

export const recipeSchema = z
  .strictObject({
    schema: z.literal(1).describe('version of this format'),
    command: z.literal('harden'),
    model: inputFile.describe('the model that is hardened'),
    data: z.array(inputFile).describe('the files the examples were read from'),
    options: z.strictObject(optionSchemas).describe('options of the command line, defaults included'),
    training: z.record(z.string(), z.unknown()).describe('settings of fine-tuning as they were completed'),
    environment: z
      .strictObject({
        temper: z.string(),
        onnxruntime: z.string(),
        tfjs: z.string(),
        node: z.string(),
        platform: z.string(),
        cpu: z.string(),
      })
      .describe(
        'what the run was started with; equal results are promised for equal versions and processors',
      ),
  })
  .meta({ title: 'Recipe of temper harden' });

export type Recipe = z.infer<typeof recipeSchema>;

/** The options that belong into a recipe. */
export function recipeOptions(values: Record<string, unknown>): Recipe['options'] {
  return Object.fromEntries(
    Object.entries(values).filter(([name, value]) => name in optionSchemas && value !== undefined),
  ) as Recipe['options'];
}

/** Reads a recipe; throws TemperError('usage') with everything that is wrong in it. `where` names its file. */
export function parseRecipe(text: string, where: string): Recipe {
  let content: unknown;
  try {
    content = JSON.parse(text);
  } catch (cause) {
    throw new TemperError('usage', { what: 'not a recipe: the file is no JSON', where }, { cause });
  }
  const result = recipeSchema.safeParse(content);
  if (result.success) return result.data;
  throw new TemperError(
    'usage',
    result.error.issues.map(({ path, message }) => ({
      what: `recipe: ${path.length > 0 ? `${path.join('.')}: ` : ''}${message}`,
      where,
    })),
  );
}

/**
 * How two recipes differ, one line each. Paths do not count where the content is known by its hash; nor does the
 * environment (see `environmentChanges`).
 */
export function differences(old: Recipe, now: Recipe): string[] {
  const lines: string[] = [];
  if (old.model.sha256 !== now.model.sha256)
    lines.push(`model: ${old.model.path} then, ${now.model.path} now (another file)`);
  const hashes = (recipe: Recipe) => recipe.data.map((file) => file.sha256).join();
  if (hashes(old) !== hashes(now)) lines.push('data: the files differ');
  const [read, reading] = [old, now].map(({ options }) => String(options.data).split(':', 1)[0]);
  if (read !== reading) lines.push(`--data: read as ${read} then, as ${reading} now`);
  const before = old.options as Record<string, unknown>;
  const after = now.options as Record<string, unknown>;
  for (const name of new Set([...Object.keys(before), ...Object.keys(after)])) {
    if (name === 'data') continue; // told by the hashes of its files
    const [then, today] = [before[name], after[name]].map((value) => JSON.stringify(value) ?? 'not given');
    if (then !== today) lines.push(`--${name}: ${then} then, ${today} now`);
  }
  return lines;
}

/** What changed around a run since it began; results may then differ in the last digits. */
export function environmentChanges(old: Recipe, now: Recipe): string[] {
  const names = Object.keys(now.environment) as (keyof Recipe['environment'])[];
  return names
    .filter((name) => old.environment[name] !== now.environment[name])
    .map((name) => `${name}: ${old.environment[name]} then, ${now.environment[name]} now`);
}
