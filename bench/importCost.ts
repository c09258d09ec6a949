/**
 * What importing a model of 100 MB costs: time and memory of `readModelFile` and `importModel`, the hash of the file included.
 *
 *   npm run bench:import -- [--repeats 7] [--check]
 *
 * Each import runs in a process of its own, the two files in turn; files lie in the cache of the operating system. --check: ends
 * with 1 if the median misses 2 s or 3 times the size of the file; no result is written.
 */
import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { writeSubjects, writeTiny } from './importCost/models.js';
import type { Cost } from './importCost/once.js';
import { root, writeResult } from './machine.js';

const { values } = parseArgs({
  options: { repeats: { type: 'string', default: '7' }, check: { type: 'boolean', default: false } },
});
const repeats = Number(values.repeats);
const limits = { milliseconds: 2000, timesSize: 3 };

const folder = mkdtempSync(join(tmpdir(), 'temper-import-'));
try {
  const subjects = writeSubjects(folder, 10, 1600);
  const tiny = writeTiny(folder);
  const costs = subjects.map(() => [] as Cost[]);
  for (let round = 0; round < repeats; round++)
    for (const [i, { path }] of subjects.entries()) costs[i]!.push(importOnce(tiny, path));
  const measured = subjects.map(({ name, bytes }, i) => ({ name, bytes, ...summary(costs[i]!, bytes) }));
  for (const { name, medians } of measured)
    process.stdout.write(
      `${name}: ${medians.milliseconds.toFixed(0)} ms, peak ${medians.timesSize.toFixed(2)} times the file, kept ${medians.keptTimesSize.toFixed(2)}\n`,
    );
  if (values.check) {
    const missed = measured.some(
      ({ medians }) => medians.milliseconds > limits.milliseconds || medians.timesSize > limits.timesSize,
    );
    if (missed) process.exitCode = 1;
  } else
    writeResult('import', 'npm run bench:import', { repeats, loadAverage: loadavg()[1], subjects: measured });
} finally {
  rmSync(folder, { recursive: true });
}

function importOnce(tiny: string, path: string): Cost {
  const script = join(root, 'bench', 'importCost', 'once.ts');
  return JSON.parse(
    execFileSync(process.execPath, [...process.execArgv, script, tiny, path], { encoding: 'utf8' }),
  );
}

function summary(samples: readonly Cost[], bytes: number) {
  const of = (key: keyof Cost) => median(samples.map((cost) => cost[key]));
  return {
    medians: {
      milliseconds: of('milliseconds'),
      timesSize: of('peak') / bytes,
      keptTimesSize: of('kept') / bytes,
      arrayBuffersTimesSize: of('arrayBuffers') / bytes,
    },
    samples,
  };
}

function median(list: readonly number[]): number {
  const sorted = [...list].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return (sorted[Math.floor(middle - 0.5)]! + sorted[Math.ceil(middle - 0.5)]!) / 2;
}
