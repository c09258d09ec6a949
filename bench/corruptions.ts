/**
 * Is anything lost, or silently other, when a file of a run is damaged? A small model is hardened with all its rivals; copies of
 * its folder, taken in the midst of training, of the rival's training and after the end, and of a folder of `finetune
 * --checkpoint`, are damaged in every way of corruptions/kinds.ts, and the same command goes on with each of them.
 *
 *   npm run bench:corruptions [-- --jobs N] [--check]     --check: only judge, write no result
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { fixture } from '../test/e2e/fixture.js';
import { kinds } from './corruptions/kinds.js';
import { moments, takeSnapshots } from './corruptions/snapshots.js';
import { attempt, type Reference, reference, type Trial } from './corruptions/trial.js';
import { writeResult } from './machine.js';

const { values } = parseArgs({
  options: {
    jobs: { type: 'string', default: String(availableParallelism()) },
    check: { type: 'boolean', default: false },
    /** In a process of its own: every `jobs`-th kind from this one on. */
    part: { type: 'string' },
  },
});
const jobs = Number(values.jobs);

/** A line for each trial, on standard output. */
async function tryPart(part: number): Promise<void> {
  const files = await fixture(160, mkdtempSync(join(tmpdir(), 'temper-corruptions-')));
  try {
    const snapshots = await takeSnapshots(files);
    const expected = new Map<string, Reference>();
    for (const moment of moments) expected.set(moment, await reference(snapshots, moment));
    for (let at = part; at < kinds.length; at += jobs) {
      const kind = kinds[at]!;
      const trial = await attempt(snapshots, kind, expected.get(kind.moment)!);
      process.stdout.write(`${JSON.stringify({ at, ...trial })}\n`);
    }
  } finally {
    rmSync(files.folder, { recursive: true, force: true });
  }
}

function runPart(part: number): Promise<[number, Trial][]> {
  const words = ['--part', String(part), '--jobs', String(jobs)];
  const child = spawn(process.execPath, [...process.execArgv, process.argv[1]!, ...words], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let text = '';
  child.stdout.on('data', (chunk) => {
    process.stdout.write(chunk);
    text += chunk;
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code, signal) => {
      if (code !== 0) return reject(new Error(`part ${part} ended with ${code ?? signal}`));
      const lines = text.split('\n').filter(Boolean);
      resolve(
        lines.map((line) => {
          const { at, ...trial } = JSON.parse(line);
          return [at, trial];
        }),
      );
    });
  });
}

async function tryAll(): Promise<void> {
  const parts = await Promise.all(Array.from({ length: jobs }, (_, part) => runPart(part)));
  const trials = parts
    .flat()
    .sort(([a], [b]) => a - b)
    .map(([, trial]) => trial);
  const counts: Record<string, number> = {};
  for (const { verdict } of trials) counts[verdict] = (counts[verdict] ?? 0) + 1;
  process.stdout.write(`${trials.length} kinds: ${JSON.stringify(counts)}\n`);
  if (!values.check)
    writeResult('corruptions', 'npm run bench:corruptions', { kinds: trials.length, counts, trials });
  if (counts.silent || counts.bug || trials.length < kinds.length) process.exitCode = 1;
}

await (values.part === undefined ? tryAll() : tryPart(Number(values.part)));
