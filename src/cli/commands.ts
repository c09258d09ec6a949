/** Every command of `temper`, in the order of `--help`. */
import type { Command } from './command.js';
import { hardenCommand } from './commands/harden.js';
import { reportCommand } from './commands/report.js';
import { verifyCommand } from './commands/verify.js';

export const commands: readonly Command[] = [hardenCommand, verifyCommand, reportCommand];
