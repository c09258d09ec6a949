/** The yargs parser of all commands: it splits words and writes help; values are judged in values.ts. */
import yargs, { type Argv, type Options as YargsOptions } from 'yargs';
import { TemperError } from '../../errors.js';
import type { Command } from './command.js';
import { type Option, usualOf } from './option.js';
import { suggest } from './suggest.js';

export interface Parsed {
  command?: Command;
  words: Record<string, unknown>;
  /** Text of `--help` or `--version`, if that was asked. */
  help: string;
}

/** Splits `argv`; throws TemperError('usage') for an unknown command or an option without its value. */
export async function parse(
  argv: readonly string[],
  commands: readonly Command[],
  version: string,
  width: number,
): Promise<Parsed> {
  const parsed: Parsed = { words: {}, help: '' };
  const parser = createParser(version, width);
  for (const command of commands) {
    parser.command({
      command: command.positional ? `${command.name} [${command.positional.name}]` : command.name,
      describe: command.summary,
      builder: (builder: Argv) => declare(builder, command),
      handler: (words: object) => {
        parsed.command = command;
        parsed.words = { ...words };
      },
    });
  }
  await parser.parseAsync([...argv], {}, (_error: unknown, _words: unknown, output: string) => {
    parsed.help = output;
  });
  if (!parsed.command && !parsed.help) throw noCommand(argv, commands);
  return parsed;
}

function createParser(version: string, width: number) {
  return yargs()
    .scriptName('temper')
    .locale('en')
    .usage('Hardens ONNX models for analog hardware.\n\n$0 COMMAND [options]')
    .epilogue('temper COMMAND --help shows options and examples of a command.')
    .parserConfiguration({
      'camel-case-expansion': false,
      'dot-notation': false,
      'greedy-arrays': false,
      'parse-numbers': false,
      'parse-positional-numbers': false,
    })
    .version(version)
    .help()
    .alias('h', 'help')
    .wrap(width)
    .exitProcess(false)
    .fail((message: string | null, error: Error | undefined) => {
      // What yargs itself refuses, such as an option without its value, comes as a YError.
      if (error && error.name !== 'YError') throw error;
      const what = message ?? error?.message ?? 'the command line cannot be read';
      throw new TemperError('usage', { what, hint: 'temper COMMAND --help shows what there is' });
    });
}

function declare(builder: Argv, command: Command): Argv {
  const { positional } = command;
  builder.usage(
    `${command.summary}\n\ntemper ${command.name}${positional ? ` ${positional.name.toUpperCase()}` : ''} [options]`,
  );
  builder.epilogue('');
  if (positional) builder.positional(positional.name, { describe: positional.describe, type: 'string' });
  for (const [name, option] of Object.entries<Option>(command.options))
    builder.option(name, yargsOption(option));
  for (const [line, what] of command.examples) builder.example(`temper ${line}`, what);
  return builder;
}

function yargsOption(option: Option): YargsOptions {
  const usual = usualOf(option);
  return {
    describe:
      option.value && option.kind !== 'boolean' ? `${option.describe} (${option.value})` : option.describe,
    type: option.kind === 'boolean' ? 'boolean' : 'string',
    ...(option.kind === 'list' && { array: true }),
    ...(option.kind === 'pair' && { nargs: 2 }),
    ...(option.kind !== 'boolean' && option.kind !== 'pair' && { requiresArg: true }),
    ...(option.alias && { alias: option.alias }),
    ...(usual !== undefined && usual !== false && { defaultDescription: shown(usual) }),
  };
}

function shown(value: unknown): string {
  return Array.isArray(value) ? value.join(',') : String(value);
}

function noCommand(argv: readonly string[], commands: readonly Command[]): TemperError {
  const names = commands.map(({ name }) => name);
  const word = argv.find((given) => !given.startsWith('-'));
  const nearest = word && suggest(word, names);
  const hint = nearest ? `did you mean temper ${nearest}?` : `commands are ${names.join(', ')}`;
  return new TemperError('usage', { what: word ? `unknown command ${word}` : 'which command?', hint });
}
