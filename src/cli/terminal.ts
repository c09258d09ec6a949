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
    print: (text) => void process.stdout.write(`${visible(text)}\n`),
    note: (text) => void process.stderr.write(`${visible(text)}\n`),
    interactive: process.stderr.isTTY === true && process.env.TERM !== 'dumb' && !process.env.CI,
    width: Math.min(process.stdout.columns ?? defaultWidth, defaultWidth),
    signal,
  };
}

/** Control characters other than tab and new line, and marks that turn the direction of writing. */
const controls = /[\p{Cc}\u200e\u200f\u202a-\u202e\u2066-\u2069]/gu;

/** Names in a file from a stranger must not steer the terminal. Written as JSON writes it, so JSON stays JSON. */
export function visible(text: string): string {
  return text.replace(controls, (sign) =>
    sign === '\n' || sign === '\t' ? sign : `\\u${sign.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
