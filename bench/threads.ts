/**
 * What depends on threads, and what no longer depends on cores? On models/mnist-lenet.onnx, whose training differs in its last
 * bits from one number of threads to the next:
 *   recipe   `temper harden` with all defaults, told that the machine has 1 to 8 cores, and bound to the first 1, 2, ... it has
 *   threads  `temper finetune --threads 1` to 8: other bits are expected here, or the comparison would show nothing
 *   verify   `temper verify --threads 1` to 8
 * The number of cores is made up by a preloaded library (threads/cores.c, Linux, needs cc).
 *
 *   npm run bench:threads [-- --check]        --check: only judge, write no result
 */
import { execFileSync } from 'node:child_process';
import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { root, sha256, writeResult } from './machine.js';

const check = process.argv.includes('--check');
const counts = [1, 2, 3, 4, 5, 6, 7, 8];
const entry = join(root, 'dist/cli/main.js');
const model = join(root, 'models', 'mnist-lenet.onnx');
const data = ['--data', 'digits', '--scaling', 'stated', '--device', 'gaussian:0.1'];
const training = [
  '--epochs',
  '1',
  '--train-limit',
  '320',
  '--learning-rate',
  '0.01',
  '--clip',
  '2',
  '--seed',
  '1',
];
const folder = mkdtempSync(join(tmpdir(), 'temper-threads-'));
const place = join(folder, 'run');

type Environment = Record<string, string>;

function preload(): Environment {
  const library = join(folder, 'cores.so');
  execFileSync('cc', ['-shared', '-fPIC', '-o', library, join(root, 'bench/threads/cores.c'), '-ldl']);
  return { LD_PRELOAD: library };
}

/** @param bound cores that the process may use; undefined = all */
function temper(words: readonly string[], environment: Environment = {}, bound?: number): void {
  const node = [process.execPath, entry, ...words, '--quiet'];
  const [command, ...rest] = bound === undefined ? node : ['taskset', '-c', `0-${bound - 1}`, ...node];
  execFileSync(command!, rest, {
    env: { ...process.env, ...environment },
    stdio: 'pipe',
  });
}

/** What node itself takes the number of cores for: proof that the made-up number arrives. */
function coresSeen(environment: Environment): number {
  const words = ['-p', 'os.availableParallelism()'];
  return Number(execFileSync(process.execPath, words, { env: { ...process.env, ...environment } }));
}

const files = ['finetuned.onnx', 'hardened.onnx', 'metrics.jsonl', 'report.json', 'recipe.json'] as const;

/** The hardened run, always in the same place, for paths stand in its report. */
function hardened(environment: Environment, bound?: number): Record<string, string> {
  rmSync(place, { recursive: true, force: true });
  const words = ['harden', model, ...data, ...training, '--draws', '4', '--limit', '100', '--rivals', 'none'];
  temper([...words, '--out', place], environment, bound);
  return Object.fromEntries(files.map((name) => [name, sha256(join(place, name)).slice(0, 16)]));
}

try {
  const shim = preload();
  const recipe = counts.map((cores) => {
    const environment = { ...shim, CORES: String(cores) };
    const row = { cores, seen: coresSeen(environment), files: hardened(environment) };
    process.stdout.write(`${JSON.stringify(row)}\n`);
    return row;
  });
  const bound = counts
    .filter((cores) => cores <= availableParallelism())
    .map((cores) => ({ cores, files: hardened({}, cores) }));
  process.stdout.write(`${JSON.stringify(bound)}\n`);
  const threads = counts.map((count) => {
    const out = join(folder, 'tuned.onnx');
    temper(['finetune', model, ...data, ...training, '--threads', String(count), '--out', out]);
    return { threads: count, tuned: sha256(out).slice(0, 16) };
  });
  process.stdout.write(`${JSON.stringify(threads)}\n`);
  cpSync(join(place, 'hardened.onnx'), join(folder, 'judged.onnx'));
  const verify = counts.map((count) => {
    const json = join(folder, 'verify.json');
    const words = ['verify', join(folder, 'judged.onnx'), ...data, '--draws', '8', '--limit', '100'];
    temper([...words, '--threads', String(count), '--json', json]);
    return { threads: count, report: sha256(json).slice(0, 16) };
  });
  process.stdout.write(`${JSON.stringify(verify)}\n`);
  const different = (rows: readonly unknown[]) => new Set(rows.map((row) => JSON.stringify(row))).size;
  const found = {
    recipe: different([...recipe, ...bound].map((row) => row.files)),
    threads: different(threads.map(({ tuned }) => tuned)),
    verify: different(verify.map(({ report }) => report)),
  };
  process.stdout.write(`different results: ${JSON.stringify(found)}\n`);
  if (!check)
    writeResult('threads', 'npm run bench:threads', { different: found, recipe, bound, threads, verify });
  const seen = recipe.every((row) => row.seen === row.cores);
  if (!seen || found.recipe > 1 || found.verify > 1 || found.threads < 2) process.exitCode = 1;
} finally {
  rmSync(folder, { recursive: true, force: true });
}
