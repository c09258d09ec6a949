/** From the words of the command line to checked values: every unknown, missing or wrong option at once. */
import { type Problem, TemperError } from '../../errors.js';
import type { Command } from './command.js';
import { isRequired, type Option, type Options, usualOf } from './option.js';
import { suggest } from './suggest.js';

type Words = Readonly<Record<string, unknown>>;

/** Options every command has, answered before values are read. */
const builtIn = ['help', 'version', 'h'];

/**
 * Checked values of a command. `words` is what yargs parsed; `preset` holds values (of a recipe) that count where the
 * command line is silent, before the defaults.
 */
export function readValues(command: Command, words: Words, preset: Words = {}): Record<string, unknown> {
  const problems = [...unknownWords(command, words)];
  const settled = withoutReplaced(command, words, preset);
  const values: Record<string, unknown> = {};
  for (const [name, option] of Object.entries<Option>(command.options)) {
    const given = words[name];
    const value = given === undefined ? (settled[name] ?? usualOf(option)) : readWord(option, given);
    problems.push(...judge(name, option, value, given));
    if (value !== undefined) values[name] = value;
  }
  problems.push(...idleWords(command, words, values), ...doubledWords(command, values));
  const { positional } = command;
  if (positional) {
    const input = words[positional.name] ?? preset[positional.name];
    if (input !== undefined) values.input = String(input);
    else problems.push({ what: `missing: ${positional.name.toUpperCase()}`, hint: usageHint(command) });
  }
  if (problems.length === 0) return values;
  throw new TemperError('usage', [...problems, ...meaningless(command, values)]);
}

function readWord(option: Option, given: unknown): unknown {
  if (option.kind === 'pair' && Array.isArray(given)) return [Number(given[0]), given[1]];
  return typeof given === 'string' && option.read ? option.read(given) : given;
}

function judge(name: string, option: Option, value: unknown, given: unknown): Problem[] {
  if (Array.isArray(given) && option.kind === 'string')
    return [{ what: `--${name} is given ${given.length} times` }];
  const hint = `--${name} ${option.value ?? ''}: ${option.describe}`;
  if (value === undefined) return isRequired(option) ? [{ what: `--${name} is missing`, hint }] : [];
  const shown = given === undefined ? JSON.stringify(value) : [given].flat().join(' ');
  if (!option.schema.safeParse(value).success)
    return [{ what: `--${name} ${shown} is not ${option.allowed}`, hint }];
  if ([value].flat().includes('-') && !option.value?.endsWith('|-'))
    return [
      {
        what: `--${name} ${shown}: - means nothing here`,
        hint: 'standard output is /dev/stdout, standard input /dev/stdin, and a file of this name ./-',
      },
    ];
  return [];
}

/**
 * Texts that mean nothing, such as an unknown device. A command finds them itself, together with what is wrong in model and
 * data; beside other problems, which end it before that, they are told here.
 */
function* meaningless(command: Command, values: Words): Iterable<Problem> {
  for (const [name, { check }] of Object.entries<Option>(command.options)) {
    for (const text of [values[name]].flat()) {
      if (check === undefined || typeof text !== 'string') continue;
      try {
        check(text);
      } catch (error) {
        if (!(error instanceof TemperError)) throw error;
        yield* error.problems;
      }
    }
  }
}

/** A recipe's values but for those that the command line says in other words. */
function withoutReplaced(command: Command, words: Words, preset: Words): Words {
  const replaced = Object.entries<Option>(command.options).flatMap(([name, option]) =>
    words[name] === undefined ? [] : (option.insteadOf ?? []),
  );
  return Object.fromEntries(Object.entries(preset).filter(([name]) => !replaced.includes(name)));
}

/** The same said twice, in other words. */
function* doubledWords(command: Command, values: Words): Iterable<Problem> {
  const names = Object.keys(command.options).filter((name) => values[name] !== undefined);
  for (const [i, name] of names.entries())
    for (const other of names.slice(i + 1))
      if ((command.options as Options)[name]!.insteadOf?.includes(other))
        yield { what: `--${name} and --${other} are both given`, hint: 'give one of them' };
}

/** Options on the command line that would do nothing beside the others. */
function* idleWords(command: Command, words: Words, values: Words): Iterable<Problem> {
  for (const [name, { when }] of Object.entries<Option>(command.options)) {
    if (words[name] === undefined || when === undefined || when.holds(values)) continue;
    yield { what: `--${name} does nothing without ${when.said}` };
  }
}

function* unknownWords(command: Command, words: Words): Iterable<Problem> {
  const names = Object.keys(command.options);
  const aliases = Object.values<Option>(command.options).flatMap(({ alias }) => alias ?? []);
  const known = new Set([
    ...names,
    ...aliases,
    ...builtIn,
    ...(command.positional ? [command.positional.name] : []),
  ]);
  for (const word of Object.keys(words)) {
    if (word === '_' || word === '$0' || known.has(word)) continue;
    const nearest = suggest(word, names);
    const dashes = word.length === 1 ? '-' : '--';
    yield {
      what: `unknown option ${dashes}${word}`,
      hint: nearest ? `did you mean --${nearest}?` : usageHint(command),
    };
  }
  const extra = (words._ as unknown[]).slice(1);
  if (extra.length > 0) yield { what: `unexpected: ${extra.join(' ')}`, hint: usageHint(command) };
}

function usageHint(command: Command): string {
  return `temper ${command.name} --help shows what there is`;
}
