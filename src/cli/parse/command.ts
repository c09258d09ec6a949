/** A command of `temper` is a value: its words, its options, and a function that does the work. */

import type { Repetition } from '../run/repetition.js';
import type { Terminal } from '../terminal/terminal.js';
import type { Options, OptionValues } from './option.js';

export interface Positional {
  readonly name: string;
  readonly describe: string;
}

/** What a command line holds beside options. */
export interface Arguments {
  /** The positional argument. */
  input: string;
  /** With `--recipe`. */
  repetition?: Repetition | undefined;
}

export interface Command<O extends Options = any> {
  readonly name: string;
  readonly summary: string;
  /** What the positional argument is, if there is one. Its value arrives as `input`. */
  readonly positional?: Positional;
  readonly options: O;
  /** Command line (without `temper `) and what it does. */
  readonly examples: readonly (readonly [string, string])[];
  run(values: OptionValues<O> & Arguments, terminal: Terminal): Promise<void>;
}

/** Identity function: declares a command. Add it to the list in commands.ts. */
export function defineCommand<const O extends Options>(command: Command<O>): Command<O> {
  return command;
}
