/**
 * What depends on threads, and what no longer depends on cores? On models/mnist-lenet.onnx, whose training differs in its last
 * bits from one number of threads to the next:
 *   recipe   `temper harden` with all defaults, told that the machine has 1 to 8 cores, and bound to the first 1, 2, ... it has
 *   threads  `temper finetune --threads 1` to 8: other bits are expected here, or the comparison would show nothing; without a
 *            validation split, so that the result is what was trained
 *   verify   `temper verify --threads 1` to 8
 * The number of cores is made up by a preloaded library (threads/cores.c, Linux, needs cc).
 *
 *   npm run bench:threads [-- --check]        --check: only judge, write no result
 */
import { execFile, execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { availableParallelism, tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { root, writeResult } from './machine.js';

const check = process.argv.includes('--check');
const counts = [1, 2, 3, 4, 5, 6, 7, 8];
const entry = join(root, 'dist/cli/main.js');
const model = join(root, 'models', 'mnist-lenet.onnx');
const data = ['--data', 'digits', '--scaling', 'stated', '--device', 'gaussian:0.1'];
const training = [
  '--epochs',
  '1',
  '--train-limit',
  '640',
  '--batch-size',
  '64',
  '--learning-rate',
  '0.01',
  '--clip',
  '2',
  '--seed',
  '1',
];
const folder = mkdtempSync(join(tmpdir(), 'temper-threads-'));
/** Processes at a time. */
const jobs = 6;

type Environment = Record<string, string>;

function preload(): Environment {
  const library = join(folder, 'cores.so');
  execFileSync('cc', ['-shared', '-fPIC', '-o', library, join(root, 'bench/threads/cores.c'), '-ldl']);
  return { LD_PRELOAD: library };
}

/** @param bound cores that the process may use; undefined = all */
async function temper(words: readonly string[], environment: Environment = {}, bound?: number) {
  const node = [process.execPath, entry, ...words, '--quiet'];
  const [command, ...rest] = bound === undefined ? node : ['taskset', '-c', `0-${bound - 1}`, ...node];
  await promisify(execFile)(command!, rest, { env: { ...process.env, ...environment } });
}

/** What node itself takes the number of cores for: proof that the made-up number arrives. */
function coresSeen(environment: Environment): number {
  const words = ['-p', 'os.availableParallelism()'];
  return Number(execFileSync(process.execPath, words, { env: { ...process.env, ...environment } }));
}

/** The checkpoint holds the last weights and everything that training measured; the model may be the one that went in. */
const files = [
  ...['checkpoint/checkpoint.safetensors', 'finetuned.onnx', 'hardened.onnx', 'metrics.jsonl'],
  ...['report.json', 'recipe.json'],
];

/** Without the folder, which stands in reports. */
function digest(path: string, place: string): string {
  const content = readFileSync(path, 'latin1').replaceAll(place, 'RUN');
  return createHash('sha256').update(content).digest('hex').slice(0, 16);
}

async function hardened(name: string, environment: Environment, bound?: number) {
  const place = join(folder, name);
  const words = ['harden', model, ...data, ...training, '--draws', '4', '--limit', '100', '--rivals', 'none'];
  await temper([...words, '--out', place], environment, bound);
  return Object.fromEntries(files.map((file) => [file, digest(join(place, file), place)]));
}

/** Results in the order of `items`, `jobs` of them made at a time. */
async function each<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = [];
  let next = 0;
  const worker = async () => {
    while (next < items.length) {
      const at = next++;
      results[at] = await work(items[at]!);
      process.stdout.write(`${JSON.stringify(results[at])}\n`);
    }
  };
  await Promise.all(Array.from({ length: jobs }, worker));
  return results;
}

try {
  const shim = preload();
  const threads = await each(counts, async (count) => {
    const out = join(folder, `tuned ${count}.onnx`);
    const words = ['finetune', model, ...data, ...training, '--val', '0', '--threads', String(count)];
    await temper([...words, '--out', out]);
    return { threads: count, tuned: digest(out, folder) };
  });
  const recipe = await each(counts, async (cores) => {
    const environment = { ...shim, CORES: String(cores) };
    return { cores, seen: coresSeen(environment), files: await hardened(`${cores} cores`, environment) };
  });
  const own = counts.filter((cores) => cores <= availableParallelism());
  const bound = await each(own, async (cores) => ({
    cores,
    files: await hardened(`${cores} bound`, {}, cores),
  }));
  const verify = await each(counts, async (count) => {
    const json = join(folder, `verify ${count}.json`);
    const words = ['verify', join(folder, 'tuned 4.onnx'), ...data, '--draws', '8', '--limit', '100'];
    await temper([...words, '--threads', String(count), '--json', json]);
    return { threads: count, report: digest(json, folder) };
  });
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
