/**
 * Kills `temper harden` with SIGKILL at random moments, starts it again until it ends, and compares the hardened file
 * with that of a run left alone.
 *
 *   npm run bench:resume [-- KILLS] [--check]        --check: only judge, write no result
 */
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { randomStream } from '../src/random/stream.js';
import { runKilled } from './killed.js';
import { root, sha256, writeResult } from './machine.js';

const check = process.argv.includes('--check');
const kills = Number(process.argv.slice(2).find((argument) => !argument.startsWith('--')) ?? 10);
/** Trials for each kill, at most: some kills come after the end. */
const attempts = 5;
const model = join(root, 'models', 'mnist-lenet.onnx');
const options = [
  '--data',
  'digits',
  '--device',
  'gaussian:0.1',
  '--epochs',
  '2',
  '--draws',
  '4',
  '--seed',
  '1',
  '--bits',
  '8',
];

const harden = (out: string, seconds?: number) =>
  runKilled(['harden', model, ...options, '--out', out], seconds === undefined ? {} : { seconds });

const folder = mkdtempSync(join(tmpdir(), 'temper-resume-'));
try {
  const alone = join(folder, 'alone');
  const { seconds } = await harden(alone);
  const expected = sha256(join(alone, 'hardened.onnx'));
  const moments = randomStream('bench', 'resume').uniforms(attempts * kills);
  const out = join(folder, 'killed');
  const trials: { after: number; killed: boolean; hardened: boolean }[] = [];
  const hits = () => trials.filter(({ killed }) => killed).length;
  // A kill that comes after the end counts for nothing: the folder is emptied and the run begins anew.
  for (const moment of moments) {
    if (hits() === kills) break;
    const ending = await harden(out, moment * seconds);
    trials.push({
      after: Number(ending.seconds.toFixed(2)),
      killed: ending.killed,
      hardened: existsSync(join(out, 'hardened.onnx')),
    });
    if (!ending.killed) {
      if (sha256(join(out, 'hardened.onnx')) !== expected)
        throw new Error(`the file differs after ${trials.length} trials`);
      rmSync(out, { recursive: true });
    }
  }
  await harden(out);
  const equal = sha256(join(out, 'hardened.onnx')) === expected;
  process.stdout.write(`${JSON.stringify(trials)}, equal: ${equal}\n`);
  if (!check) {
    writeResult('resume', `npm run bench:resume -- ${kills}`, {
      options,
      aloneSeconds: Number(seconds.toFixed(1)),
      trials,
      equal,
    });
  }
  if (!equal || hits() < kills) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
