/**
 * Is anything lost, or silently other, when a file of a run is damaged? A small model is hardened with all its rivals; copies of
 * its folder, taken in the midst of training, of the rival's training and after the end, and of a folder of `finetune
 * --checkpoint`, are damaged in every way of corruptions/kinds.ts, and the same command goes on with each of them.
 *
 *   npm run bench:corruptions [-- FIRST [LAST]] [--check]        --check: only judge, write no result
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fixture } from '../test/e2e/fixture.js';
import { kinds } from './corruptions/kinds.js';
import { moments, takeSnapshots } from './corruptions/snapshots.js';
import { attempt, type Reference, reference, type Trial } from './corruptions/trial.js';
import { writeResult } from './machine.js';

const check = process.argv.includes('--check');
const [first = 0, last = kinds.length] = process.argv
  .slice(2)
  .filter((word) => /^\d+$/.test(word))
  .map(Number);
const files = await fixture(160, mkdtempSync(join(tmpdir(), 'temper-corruptions-')));
try {
  const snapshots = await takeSnapshots(files);
  const expected = new Map<string, Reference>();
  for (const moment of moments) expected.set(moment, await reference(snapshots, moment));
  const trials: Trial[] = [];
  for (const kind of kinds.slice(first, last)) {
    const trial = await attempt(snapshots, kind, expected.get(kind.moment)!);
    trials.push(trial);
    process.stdout.write(`${JSON.stringify(trial)}\n`);
  }
  const counts: Record<string, number> = {};
  for (const { verdict } of trials) counts[verdict] = (counts[verdict] ?? 0) + 1;
  process.stdout.write(`${trials.length} kinds: ${JSON.stringify(counts)}\n`);
  if (!check)
    writeResult('corruptions', 'npm run bench:corruptions', { kinds: trials.length, counts, trials });
  if (counts.silent || counts.bug) process.exitCode = 1;
} finally {
  rmSync(files.folder, { recursive: true, force: true });
}
