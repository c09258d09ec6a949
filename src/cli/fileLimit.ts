/** Whether the process may open enough files at once. main.ts asks before it loads the libraries, which are some hundred files. */
import { readFileSync } from 'node:fs';

/** Read at one time when Node loads them; with fewer it reports that a library is missing. */
export const leastFiles = 384;

/** Undefined where there are enough, or the system does not tell. */
export function fewFiles(limits = ownLimits()): string | undefined {
  // Node raises the first figure to the second, the hard limit, when it starts (getrlimit(2), proc(5)).
  const [, most] = /^Max open files +(?:\d+|unlimited) +(\d+)/m.exec(limits) ?? [];
  if (most === undefined || Number(most) >= leastFiles) return undefined;
  return [
    `temper cannot start: this process may open ${most} files at once, and needs ${leastFiles}`,
    `  hint: allow more open files: ulimit -n ${2 * leastFiles}, or --ulimit nofile=${2 * leastFiles} for a container`,
  ].join('\n');
}

function ownLimits(): string {
  try {
    return readFileSync('/proc/self/limits', 'utf8');
  } catch {
    return ''; // another system
  }
}
