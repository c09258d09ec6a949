#!/usr/bin/env node
/** The process of `temper`: signals in, exit code out. The only place that ends the process. */
import { unsupportedNode } from './nodeVersion.js';

const interrupted = 130;

async function main(): Promise<void> {
  const refusal = unsupportedNode(process.versions.node);
  if (refusal) {
    process.stderr.write(`${refusal}\n`);
    process.exitCode = 2;
    return;
  }
  // Loaded only now: on an old Node the libraries would fail first, with a riddle instead of the message above.
  const [{ runProgram }, { processTerminal }] = await Promise.all([
    import('./program.js'),
    import('./terminal.js'),
  ]);
  const controller = new AbortController();
  process.on('SIGINT', () => {
    if (controller.signal.aborted) process.exit(interrupted);
    controller.abort();
    process.stderr.write('\nstopping at the next safe point; Ctrl-C again stops at once\n');
  });
  process.on('SIGTERM', () => controller.abort());
  // A reader that has seen enough (`temper inspect … | head`) is no failure.
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
  process.exitCode = await runProgram(process.argv.slice(2), processTerminal(controller.signal));
}

await main();
