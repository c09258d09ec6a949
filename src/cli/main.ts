#!/usr/bin/env node
/** The process of `temper`: signals in, exit code out. The only place that ends the process. */
import { unsupportedNode } from './nodeVersion.js';

/** A progress bar hides the cursor and ends no lines. */
const shownCursor = '\u001b[?25h\u001b[?7h\n';

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
    if (controller.signal.aborted) endBySignal();
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

/**
 * As if the signal had never been caught (a shell shows 130). `process.exit` would run the destructors of libraries under
 * threads that still compute, which aborts. The run folder needs no farewell: its lock is taken over, its files are whole.
 */
function endBySignal(): void {
  if (process.stderr.isTTY) process.stderr.write(shownCursor);
  process.removeAllListeners('SIGINT');
  process.kill(process.pid, 'SIGINT');
}

await main();
