/** The built command, in a process that may be killed. */
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { root } from './machine.js';

export interface Ending {
  readonly seconds: number;
  readonly killed: boolean;
}

/** Runs `temper` with `words`, killing it after `seconds` if it is still there. Throws unless it is killed or ends well. */
export function runKilled(
  words: readonly string[],
  { cwd, seconds = Number.POSITIVE_INFINITY }: { cwd?: string; seconds?: number } = {},
): Promise<Ending> {
  const began = performance.now();
  const child = spawn(process.execPath, [join(root, 'dist/cli/main.js'), ...words], {
    ...(cwd !== undefined && { cwd }),
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let said = '';
  child.stderr.on('data', (chunk) => {
    said += chunk;
  });
  const timer = Number.isFinite(seconds)
    ? setTimeout(() => child.kill('SIGKILL'), seconds * 1000)
    : undefined;
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      clearTimeout(timer);
      if (signal !== 'SIGKILL' && code !== 0)
        reject(new Error(`${words.join(' ')} ended with ${code ?? signal}: ${said}`));
      else resolve({ seconds: (performance.now() - began) / 1000, killed: signal === 'SIGKILL' });
    });
  });
}
