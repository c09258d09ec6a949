/**
 * The process above: for commands that run models here, the work is done in a process below, and this one waits. It hears Ctrl-C
 * while onnxruntime blocks the other, and gives an exit code and a reason where that can only be ended by force, or ends by
 * itself: nothing below could (docs/decisions/0026-a-process-above.md).
 */
import { type ChildProcess, fork } from 'node:child_process';
import { fstatSync } from 'node:fs';
import { TemperError } from '../errors.js';
import type { Sight } from '../runtime/watch.js';

/** Commands that let onnxruntime run a model in their own process. */
export const supervisedCommands = ['verify', 'finetune', 'convert', 'harden'];

/** Says to the process below where it reports to, and who is above. */
export const reportVariable = 'TEMPER_REPORT';
export const aboveVariable = 'TEMPER_ABOVE';

/** Help runs no model. */
export function isSupervised(argv: readonly string[]): boolean {
  if (argv.includes('--help')) return false;
  return supervisedCommands.includes(argv.find((word) => !word.startsWith('-')) ?? '');
}

export interface Ending {
  /** As the process below ended by itself. */
  readonly code?: number;
  /** To end by, as that one did. */
  readonly signal?: NodeJS.Signals;
  readonly note?: string;
  /** To be told. */
  readonly error?: TemperError;
}

/** Milliseconds that a process ended by force may take to be gone. */
const longestEnd = 500;
/** Milliseconds within which two signals are one: `timeout` and npm send theirs to this process, and again to its whole group. */
const oneSignal = 30;

/**
 * @param main the module that does the work
 * @param tell a line on standard error
 */
export async function supervise(
  main: string,
  argv: readonly string[],
  tell: (line: string) => void,
): Promise<Ending> {
  const { stdio, report } = descriptors(argv);
  const child = fork(main, argv, {
    stdio,
    env: { ...process.env, [reportVariable]: String(report), [aboveVariable]: String(process.pid) },
  });
  let last: Sight = { seen: '' };
  listen(child, report, (sight) => {
    last = sight;
  });
  return new Promise((resolve) => {
    child.once('error', (error) =>
      resolve({ error: new TemperError('io', { what: `no process can be started (${error.message})` }) }),
    );
    child.once('close', (code, signal) => resolve(code === null ? ended(signal!, last) : { code }));
    const endBy = (signal: NodeJS.Signals) => {
      child.kill('SIGKILL');
      child.once('exit', () => resolve({ signal }));
      setTimeout(() => resolve({ signal }), longestEnd).unref();
    };
    let asked: number | undefined;
    const ask = (signal: NodeJS.Signals, word: string) => {
      const now = performance.now();
      if (asked !== undefined) return now - asked < oneSignal ? undefined : endBy(signal);
      asked = now;
      if (child.connected) child.send('stop', () => {});
      if (word) tell(word);
    };
    process.on('SIGINT', () => ask('SIGINT', stopping));
    process.on('SIGTERM', () => ask('SIGTERM', ''));
  });
}

export const stopping = 'stopping at the next safe point; Ctrl-C again stops at once';

/**
 * Those that the process below gets: what the shell made for an output (`/dev/fd/63`) too, and one to report on.
 */
function descriptors(argv: readonly string[]): {
  stdio: ('inherit' | 'ignore' | 'pipe' | 'ipc')[];
  report: number;
} {
  const named = argv
    .flatMap((word) => /\/fd\/(\d{1,3})$/.exec(word)?.[1] ?? [])
    .map(Number)
    .filter(isOpen);
  const stdio: ('inherit' | 'ignore' | 'pipe' | 'ipc')[] = ['inherit', 'inherit', 'inherit'];
  for (const descriptor of named) {
    while (stdio.length <= descriptor) stdio.push('ignore');
    stdio[descriptor] = 'inherit';
  }
  return { stdio: [...stdio, 'ipc', 'pipe'], report: stdio.length + 1 };
}

/** One that is not is told by the process below, as any output that cannot be written. */
function isOpen(descriptor: number): boolean {
  try {
    fstatSync(descriptor);
    return true;
  } catch {
    return false;
  }
}

function listen(child: ChildProcess, report: number, hear: (sight: Sight) => void): void {
  let begun = '';
  child.stdio[report]!.on('data', (text: Buffer) => {
    const lines = (begun + text).split('\n');
    begun = lines.pop()!;
    for (const line of lines) hear(JSON.parse(line) as Sight);
  });
}

/** Signals by which a process ends whose native code went wrong. */
const crashes = ['SIGSEGV', 'SIGBUS', 'SIGFPE', 'SIGILL', 'SIGABRT'];

function ended(signal: NodeJS.Signals, { seen, over }: Sight): Ending {
  const when = seen === '' ? '' : ` when it is ${seen}`;
  const kept = 'what was finished is whole: in a run folder or with --checkpoint the same command goes on';
  if (over)
    return modelError(
      `onnxruntime takes more than ${over.seconds} s for this model${when}`,
      `on the examples it was tried on it did not: what it does follows its input. --max-seconds N allows more (three times N for a batch); ${kept}`,
    );
  if (crashes.includes(signal) && (seen !== '' || signal !== 'SIGABRT'))
    return modelError(
      `the process ended with ${signal}${when}: the model makes onnxruntime crash`,
      `on the examples it was tried on it did not; ${kept}`,
    );
  return {
    signal,
    ...(signal === 'SIGKILL' && {
      note: `the process was killed${when}, perhaps for want of memory; ${kept}`,
    }),
  };
}

function modelError(what: string, hint: string): Ending {
  return { error: new TemperError('model', { what, hint }) };
}
