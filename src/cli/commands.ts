/** Every command of `temper`, in the order of `--help`. */

import { convertCommand } from './commands/convert.js';
import { exportCommand } from './commands/export.js';
import { finetuneCommand } from './commands/finetune.js';
import { hardenCommand } from './commands/harden.js';
import { inspectCommand } from './commands/inspect.js';
import { reportCommand } from './commands/report.js';
import { verifyCommand } from './commands/verify.js';
import type { Command } from './parse/command.js';

export const commands: readonly Command[] = [
  inspectCommand,
  hardenCommand,
  finetuneCommand,
  convertCommand,
  exportCommand,
  verifyCommand,
  reportCommand,
];
