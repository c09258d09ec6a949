/**
 * Acceptance: long checks on real models and data, one after the other; `npm run acceptance`.
 * Data and models lie beside the checkout (TEMPER_SHARED); TEMPER_DATA names a folder with unpacked CIFAR-10.
 * Prints one line per check and ends with "N passed, N failed"; exits 1 if one failed.
 */
import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const data = process.env.TEMPER_DATA;
const cifar10 = data !== undefined && existsSync(join(data, 'cifar10')) ? [join(data, 'cifar10')] : [];

interface Check {
  name: string;
  /** A script of bench/ that exits with 0 if all is well, and its arguments. */
  script: [file: string, ...args: string[]];
}

const checks: Check[] = [
  {
    name: 'nothing is lost between import and export',
    script: ['bench/nothingLost.ts', '--check', ...cifar10],
  },
];

/** Where tsx is; a check runs in a process of its own, so that none inherits another's memory. */
const tsx = (() => {
  const manifest = createRequire(import.meta.url).resolve('tsx/package.json');
  const { bin } = JSON.parse(readFileSync(manifest, 'utf8')) as { bin: string };
  return join(dirname(manifest), bin);
})();

let failed = 0;
for (const { name, script } of checks) {
  const began = performance.now();
  const { status, stdout, stderr } = spawnSync(process.execPath, [tsx, ...script], {
    cwd: root,
    encoding: 'utf8',
    maxBuffer: 2 ** 26,
  });
  const seconds = Math.round((performance.now() - began) / 1000);
  if (status !== 0) {
    failed++;
    process.stdout.write(`${stdout}${stderr}`);
  }
  process.stdout.write(`${status === 0 ? 'passed' : 'FAILED'} ${name} (${seconds} s)\n`);
}
process.stdout.write(`${checks.length - failed} passed, ${failed} failed\n`);
if (failed > 0) process.exitCode = 1;
