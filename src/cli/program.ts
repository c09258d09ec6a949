/** `temper` as a function: words in, exit code out. main.ts wraps it into a process. */

import { commands } from './commands.js';
import type { Command } from './parse/command.js';
import { parse } from './parse/parser.js';
import { readValues } from './parse/values.js';
import { presetValues, readPreset } from './run/preset.js';
import { repetitionOf } from './run/repetition.js';
import { version } from './run/version.js';
import { describeFailure } from './terminal/failure.js';
import { jsonLines, type Terminal } from './terminal/terminal.js';

/** Runs one command and returns its exit code; never throws. */
export async function runProgram(argv: readonly string[], terminal: Terminal): Promise<number> {
  let printed = false;
  const watched: Terminal = {
    ...terminal,
    print(text) {
      printed = true;
      terminal.print(text);
    },
  };
  try {
    const { command, words, help } = await parse(argv, commands, version, terminal.width);
    if (help) {
      terminal.print(help.split('\n'));
      return 0;
    }
    const preset = await readPreset(words.recipe);
    const values = readValues(command!, words, presetValues(preset));
    const repetition = repetitionOf(preset, command!.options, words);
    // Checked by the schemas of this very command; the list of commands has forgotten which types these have.
    await command!.run({ ...values, ...(repetition && { repetition }) } as never, watched);
    return 0;
  } catch (error) {
    return tellFailure(error, argv, terminal, printed);
  }
}

/** Returns its exit code. */
export function tellFailure(
  error: unknown,
  argv: readonly string[],
  terminal: Terminal,
  printed = false,
): number {
  const failure = describeFailure(error);
  // Standard output holds one document: a report that misses its requirement is already there.
  if (wantsJson(argv, commands) && !printed) terminal.print(jsonLines(failure.json));
  else terminal.note(failure.text.split('\n'));
  return failure.code;
}

/** Whether standard output belongs to JSON: `--json` where it is a flag, `--json -` where it takes a file. */
function wantsJson(argv: readonly string[], known: readonly Command[]): boolean {
  if (argv.includes('--json=-')) return true;
  const at = argv.indexOf('--json');
  if (at < 0) return false;
  const command = known.find(({ name }) => name === argv.find((word) => !word.startsWith('-')));
  return argv[at + 1] === '-' || command?.options.json?.kind === 'boolean';
}
