/** A terminal that remembers what it was told, as it would have left. */
import { linesOf, noteOf, type Terminal } from '../../src/cli/terminal/terminal.js';

export interface RecordingTerminal extends Terminal {
  readonly printed: string[];
  readonly noted: string[];
}

export function recordingTerminal(signal = new AbortController().signal): RecordingTerminal {
  const printed: string[] = [];
  const noted: string[] = [];
  return {
    printed,
    noted,
    print: (text) => void printed.push(linesOf(text)),
    note: (text) => void noted.push(noteOf(text)),
    interactive: false,
    width: 100,
    signal,
  };
}
