/** Every command of `temper`, in the order of `--help`. */
import type { Command } from './command.js';

export const commands: readonly Command[] = [];
