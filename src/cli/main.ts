#!/usr/bin/env node
/**
 * The process of `temper`: signals in, exit code out. The only place that ends the process. It imports nothing before it can
 * say why something cannot be loaded; what ends the process before its work is done leaves the code of a bug, never 0 or 1.
 */
import { fileURLToPath } from 'node:url';

/** As in errors.ts and failure.ts, which may be what cannot be loaded. */
const codes = { usage: 2, io: 4, bug: 70 };

/** A progress bar hides the cursor and ends no lines. */
const shownCursor = '\u001b[?25h\u001b[?7h\n';

async function main(): Promise<number> {
  const { unsupportedNode } = await import('./nodeVersion.js');
  const refusal = unsupportedNode(process.versions.node);
  if (refusal) {
    process.stderr.write(`${refusal}\n`);
    return codes.usage;
  }
  const { fewFiles } = await import('./fileLimit.js');
  const few = fewFiles();
  if (few) {
    process.stderr.write(`${few}\n`);
    return codes.io;
  }
  const words = process.argv.slice(2);
  const above = await import('./supervisor.js');
  const report = process.env[above.reportVariable];
  const parent = Number(process.env[above.aboveVariable]);
  delete process.env[above.reportVariable];
  delete process.env[above.aboveVariable];
  const isBelow = report !== undefined && process.send !== undefined;
  if (!isBelow && above.isSupervised(words)) return overseen(above, words);
  const controller = new AbortController();
  if (isBelow) await obey(controller, Number(report), parent);
  else {
    process.on('SIGINT', () => {
      if (controller.signal.aborted) endBySignal('SIGINT');
      controller.abort();
      process.stderr.write(`\n${above.stopping}\n`);
    });
  }
  process.on('SIGTERM', () => controller.abort());
  // Loaded only now: on an old Node the libraries would fail first, with a riddle instead of the message above.
  const [{ runProgram }, { processTerminal }, { visible }] = await Promise.all([
    import('./program.js'),
    import('./terminal/terminal.js'),
    import('../text/visible.js'),
  ]);
  // Node prints what nobody caught, in which names of strangers may be, and sets code 1 before it tells of its exit.
  process.on('uncaughtExceptionMonitor', (error: unknown) => {
    process.once('exit', () => {
      process.exitCode = codes.bug;
    });
    if (error instanceof Error && error.stack !== undefined) error.stack = visible(error.stack);
  });
  return runProgram(words, processTerminal(controller.signal));
}

/** The work is done in a process below (supervisor.ts). */
async function overseen({ supervise }: typeof import('./supervisor.js'), words: string[]): Promise<number> {
  const tell = (line: string) => void process.stderr.write(`\n${line}\n`);
  const { code, signal, note, error } = await supervise(fileURLToPath(import.meta.url), words, tell);
  if (code !== undefined) return code;
  if (note) tell(note);
  if (signal) return endBySignal(signal);
  if (process.stderr.isTTY) process.stderr.write(shownCursor);
  const [{ tellFailure }, { processTerminal }] = await Promise.all([
    import('./program.js'),
    import('./terminal/terminal.js'),
  ]);
  return tellFailure(error, words, processTerminal(new AbortController().signal));
}

/** In the process below: the one above is told what is done, says when to stop, and is not outlived. */
async function obey(controller: AbortController, report: number, parent: number): Promise<void> {
  const [{ openBook }, { moduleBeside, startThread }] = await Promise.all([
    import('../runtime/book.js'),
    import('../runtime/thread.js'),
  ]);
  // Ctrl-C reaches every process of the terminal.
  process.on('SIGINT', () => {});
  process.on('message', () => controller.abort());
  const end = () => process.kill(process.pid, 'SIGKILL');
  process.on('disconnect', end);
  // It may have gone while this one was starting.
  if (!process.connected || process.ppid !== parent) end();
  process.channel?.unref();
  const watch = new URL('../runtime/', import.meta.url).href;
  startThread(moduleBeside(watch, 'watch'), { book: openBook(), report, parent }).unref();
}

/**
 * As if the signal had never been caught (a shell shows 130). `process.exit` would run the destructors of libraries under
 * threads that still compute, which aborts. The run folder needs no farewell: its lock is taken over, its files are whole.
 */
function endBySignal(signal: NodeJS.Signals): Promise<never> {
  if (process.stderr.isTTY) process.stderr.write(shownCursor);
  process.removeAllListeners(signal);
  process.kill(process.pid, signal);
  return new Promise(() => {});
}

/** A library that is missing, is made for another machine, or has no file handle left to be opened with: nothing is wrong in our code. */
function startFailure(error: unknown): number {
  const { code, message } = error as NodeJS.ErrnoException;
  const known = /^(ERR_MODULE_NOT_FOUND|ERR_DLOPEN_FAILED|MODULE_NOT_FOUND|E[A-Z]+)$/.test(code ?? '');
  // sharp and onnxruntime look for their native part themselves.
  const native = /sharp|onnxruntime|\.node\b|shared (object|library)|GLIBC/i.test(message ?? '');
  const [reason = ''] = (message ?? String(error)).split('\n');
  // Without a file handle left, a library that is there is not found either.
  const hint = /^E[MN]FILE$/.test(code ?? '')
    ? 'allow more open files (ulimit -n)'
    : 'install onnx-temper again on this machine, with optional dependencies; if it is there, allow more open files (ulimit -n)';
  process.stderr.write(
    `temper cannot start: ${reason}\n${known || native ? `  hint: ${hint}\n` : `${(error as Error)?.stack ?? ''}\n`}`,
  );
  return known || native ? codes.io : codes.bug;
}

let outputLost = false;
// A reader that has seen enough (`temper inspect … | head`) is no failure; a disk that is full is.
for (const stream of [process.stdout, process.stderr])
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') return;
    if (stream === process.stdout && !outputLost) {
      const hint =
        error.code === 'ENOSPC' ? '  hint: the disk is full: make room, or give another place\n' : '';
      process.stderr.write(`cannot write to standard output: ${error.message}\n${hint}`);
    }
    outputLost = true;
    process.exitCode = codes.io;
  });

process.exitCode = codes.bug;
const code = await main().catch(startFailure);
process.exitCode = outputLost ? codes.io : code;
