/** recipe.json: everything needed to repeat a run. Its JSON Schema is published as docs/recipe.schema.json. */
import { z } from 'zod';
import { TemperError } from '../../errors.js';
import { hardenOptions } from '../options/harden.js';
import type { Option } from '../parse/option.js';
import { isIntact, sha256OfJson } from './seal.js';

/** Options that say where and how to show, not what to compute. */
const outsideRecipe = new Set([
  ...['out', 'fresh', 'quiet', 'json', 'recipe', 'allow-changed', 'max-memory', 'max-seconds'],
]);

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, 'not a SHA-256 in lower-case hex');

/** What an option's schema is made of is a schema like it; zod's type of it has no methods. */
const described = (schema: z.core.$ZodType, text: string) => (schema as z.ZodType).describe(text);

const optionSchemas = Object.fromEntries(
  Object.entries<Option>(hardenOptions)
    .filter(([name]) => !outsideRecipe.has(name))
    // A recipe holds defaults as any other value.
    .map(([name, { schema, describe }]) => {
      if (schema instanceof z.ZodOptional) return [name, described(schema.unwrap(), describe).optional()];
      return [name, described(schema instanceof z.ZodDefault ? schema.unwrap() : schema, describe)];
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
    sha256: sha256
      .optional()
      .describe(
        'of this recipe without this entry, as JSON.stringify writes it: tells whether it was edited',
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

/** Whether the text of a recipe is as it was written; undefined if it does not tell. */
export function isUnedited(text: string): boolean | undefined {
  const content = JSON.parse(text);
  return content.sha256 === undefined ? undefined : isIntact(content);
}

/**
 * How two recipes differ, one line each. Paths do not count where the content is known by its hash; nor does the
 * environment (see `environmentChanges`).
 */
export function differences(old: Recipe, now: Recipe): string[] {
  const lines = [...inputDifferences(old, now), ...optionDifferences(old, now).map(({ line }) => line)];
  // Other options make other settings; without them, what a version of temper makes of its options has changed.
  return lines.length > 0 ? lines : trainingDifferences(old.training, now.training);
}

/** In model and data. */
export function inputDifferences(old: Recipe, now: Recipe): string[] {
  const lines: string[] = [];
  if (old.model.sha256 !== now.model.sha256)
    lines.push(`model: ${old.model.path} then, ${now.model.path} now (another file)`);
  const hashes = (recipe: Recipe) => recipe.data.map((file) => file.sha256).join();
  if (hashes(old) !== hashes(now)) lines.push(`data: the files differ${filesText(old, now)}`);
  const [read, reading] = [old, now].map(({ options }) => String(options.data).split(':', 1)[0]);
  if (read !== reading) lines.push(`--data: read as ${read} then, as ${reading} now`);
  return lines;
}

/** Those that are as many and stand in the same order: by name. */
function filesText(old: Recipe, now: Recipe): string {
  if (old.data.length !== now.data.length) return ` (${old.data.length} then, ${now.data.length} now)`;
  const changed = now.data.filter(({ sha256 }, i) => sha256 !== old.data[i]!.sha256);
  const shown = changed.slice(0, 3).map(({ path }) => path);
  return ` (${shown.join(', ')}${changed.length > shown.length ? `, ${changed.length - shown.length} more` : ''})`;
}

export function optionDifferences(old: Recipe, now: Recipe): { name: string; line: string }[] {
  const before = old.options as Record<string, unknown>;
  const after = now.options as Record<string, unknown>;
  return [...new Set([...Object.keys(before), ...Object.keys(after)])].flatMap((name) => {
    if (name === 'data') return []; // told by the hashes of its files
    const [then, today] = [before[name], after[name]].map((value) => JSON.stringify(value) ?? 'not given');
    return then === today ? [] : [{ name, line: `--${name}: ${then} then, ${today} now` }];
  });
}

/** In the settings of fine-tuning, each by its path. */
export function trainingDifferences(old: unknown, now: unknown): string[] {
  const [before, after] = [leavesOf(old), leavesOf(now)];
  return [...new Set([...before.keys(), ...after.keys()])].flatMap((path) => {
    const [then, today] = [before.get(path), after.get(path)];
    return then === today
      ? []
      : [`training, ${path}: ${then ?? 'not given'} then, ${today ?? 'not given'} now`];
  });
}

function leavesOf(value: unknown, path = ''): Map<string, string> {
  if (typeof value !== 'object' || value === null || Array.isArray(value))
    return new Map([[path, JSON.stringify(value)]]);
  const parts = Object.entries(value).map(([name, part]) => leavesOf(part, path ? `${path}.${name}` : name));
  return new Map(parts.flatMap((leaves) => [...leaves]));
}

/** Hash of what decides a run: not where its inputs lie, nor what it runs on. */
export function decisiveHash({ model, data, options, training }: Recipe): string {
  const decisive = Object.entries(options)
    .filter(([name]) => name !== 'data')
    .sort(([a], [b]) => (a < b ? -1 : 1)); // their order tells how they were given
  return sha256OfJson([model.sha256, data.map((file) => file.sha256), decisive, training]);
}

/** What changed around a run since it began; results may then differ in the last digits. */
export function environmentChanges(old: Recipe, now: Recipe): string[] {
  const names = Object.keys(now.environment) as (keyof Recipe['environment'])[];
  return names
    .filter((name) => old.environment[name] !== now.environment[name])
    .map((name) => `${name}: ${old.environment[name]} then, ${now.environment[name]} now`);
}
