/** What a command may do to the outside: print results, note progress, be interrupted. Tests hand in their own. */
export interface Terminal {
  /** Results, on standard output. */
  print(text: string): void;
  /** Everything else, on standard error. */
  note(text: string): void;
  /** Standard error is a terminal that can redraw a line. */
  readonly interactive: boolean;
  readonly width: number;
  /** Aborted by the first Ctrl-C. */
  readonly signal: AbortSignal;
}

const defaultWidth = 100;

/** The terminal of this process. `signal` tells when the user wants to stop. */
export function processTerminal(signal: AbortSignal): Terminal {
  return {
    print: (text) => void process.stdout.write(`${text}\n`),
    note: (text) => void process.stderr.write(`${text}\n`),
    interactive: process.stderr.isTTY === true && process.env.TERM !== 'dumb' && !process.env.CI,
    width: Math.min(process.stdout.columns ?? defaultWidth, defaultWidth),
    signal,
  };
}
