/**
 * Is what would run now what the recipe of `--recipe` says? Its options are taken over; its model, its data and the settings that
 * its options stood for are held against what is there now.
 */
import { TemperError } from '../../errors.js';
import type { Settings } from '../../finetune/settings/settings.js';
import type { Option, Options } from '../parse/option.js';
import type { Preset } from './preset.js';
import {
  environmentChanges,
  inputDifferences,
  optionDifferences,
  type Recipe,
  trainingDifferences,
} from './recipe.js';

/** A run that takes its options from a recipe. */
export interface Repetition extends Preset {
  /** Options that the command line gives, and those they take the place of. */
  given: ReadonlySet<string>;
}

export function repetitionOf(
  preset: Preset | undefined,
  options: Options,
  words: Readonly<Record<string, unknown>>,
): Repetition | undefined {
  if (!preset) return undefined;
  const given = Object.entries<Option>(options).flatMap(([name, { insteadOf = [] }]) =>
    words[name] === undefined ? [] : [name, ...insteadOf],
  );
  return { ...preset, given: new Set(given) };
}

/**
 * What a reader of the report should know of the repetition. Throws TemperError('usage') with everything that changed without
 * being asked for, unless `allowed`.
 * @param settingsOf the settings that options stand for, with the data of now
 */
export function repetitionNotes(
  { path, recipe, unedited, given }: Repetition,
  now: Recipe,
  settingsOf: (options: Recipe['options']) => Settings,
  allowed: boolean,
): string[] {
  const options = optionDifferences(recipe, now);
  const changes = [
    ...(unedited === false ? ['the recipe itself: edited or damaged since it was written'] : []),
    ...inputDifferences(recipe, now),
    ...options.filter(({ name }) => !given.has(name)).map(({ line }) => line),
    ...trainingDifferences(recipe.training, plain(settingsOf(optionsMeant(recipe, now, given)))),
  ];
  if (changes.length > 0 && !allowed) {
    const hint = '--allow-changed goes on all the same, and says so in the report';
    throw new TemperError(
      'usage',
      changes.map((what, i) => ({ what, ...(i === changes.length - 1 && { where: path, hint }) })),
    );
  }
  const asked = options.filter(({ name }) => given.has(name)).map(({ line }) => line);
  return [
    ...(changes.length > 0 ? [`Not the run of ${path}: ${changes.join('; ')}.`] : []),
    ...(asked.length > 0
      ? [`Options of ${path}, but for what the command line gives: ${asked.join('; ')}.`]
      : []),
    ...environmentChanges(recipe, now).map(
      (line) => `Since the run of ${path}, ${line}; last digits may differ.`,
    ),
  ];
}

/** The recipe's own options; those that it does not know, as they are without being given. */
function optionsMeant(recipe: Recipe, now: Recipe, given: ReadonlySet<string>): Recipe['options'] {
  const usual = Object.entries(now.options).filter(([name]) => !given.has(name));
  return { ...Object.fromEntries(usual), ...recipe.options };
}

/** As the recipe holds them. */
function plain(settings: Settings): unknown {
  return JSON.parse(JSON.stringify(settings));
}
