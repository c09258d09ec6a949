/** `temper` as a process of its own, from the built package. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { root, sources } from '../structure/sources.js';

export const entry = join(root, 'dist/cli/main.js');

/** Builds dist/ unless it is newer than every source. */
export function build(): void {
  const newest = Math.max(...sources.map(({ path }) => statSync(join(root, path)).mtimeMs));
  if (existsSync(entry) && statSync(entry).mtimeMs > newest) return;
  execFileSync(
    process.execPath,
    [join(root, 'node_modules/typescript/bin/tsc'), '-p', 'tsconfig.build.json'],
    { cwd: root },
  );
}

export interface Ending {
  code: number | null;
  signal: NodeJS.Signals | null;
  out: string;
  err: string;
}

export function start(...argv: string[]): { child: ChildProcess; ended: Promise<Ending> } {
  const child = spawn(process.execPath, [entry, ...argv], { stdio: ['ignore', 'pipe', 'pipe'] });
  let out = '';
  let err = '';
  child.stdout!.on('data', (chunk) => {
    out += chunk;
  });
  child.stderr!.on('data', (chunk) => {
    err += chunk;
  });
  const ended = new Promise<Ending>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => resolve({ code, signal, out, err }));
  });
  return { child, ended };
}

/** Resolves when `condition` holds or the process has ended. */
export async function until(condition: () => boolean, ended: Promise<unknown>): Promise<void> {
  let over = false;
  void ended.then(() => {
    over = true;
  });
  while (!over && !condition()) await new Promise((resume) => setTimeout(resume, 5));
}
