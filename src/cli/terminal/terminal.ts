/** What a command may do to the outside: print results, note progress, be interrupted. Tests hand in their own. */
import { shortText } from '../../text/shorten.js';
import { visibleLine } from '../../text/visible.js';

/** A text is one line, whatever is in it; several lines are several texts. */
export type Lines = string | readonly string[];

export interface Terminal {
  /** Results, on standard output. */
  print(text: Lines): void;
  /** Everything else, on standard error. */
  note(text: Lines): void;
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
    print: (text) => void process.stdout.write(`${linesOf(text)}\n`),
    note: (text) => void process.stderr.write(`${noteOf(text)}\n`),
    interactive: process.stderr.isTTY === true && process.env.TERM !== 'dumb' && !process.env.CI,
    width: Math.min(process.stdout.columns ?? defaultWidth, defaultWidth),
    signal,
  };
}

/**
 * What may leave. Names in a file from a stranger must not steer the terminal, nor write a line of their own: only what comes as
 * several texts becomes several lines. Written as JSON writes it, so JSON stays JSON.
 */
export function linesOf(text: Lines): string {
  return (typeof text === 'string' ? [text] : text).map(visibleLine).join('\n');
}

/** As `linesOf`; names of any length do not hide what is said of them. */
export function noteOf(text: Lines): string {
  return linesOf((typeof text === 'string' ? [text] : text).map(shortText));
}

/** Data as JSON, in which every line break is ours. */
export function jsonLines(data: unknown): string[] {
  return JSON.stringify(data, null, 2).split('\n');
}
