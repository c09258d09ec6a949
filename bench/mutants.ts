/**
 * Damaged models (test/fuzz) through import and **verification**: each is read, inspected, imported, run in a process apart, tried
 * with the usual scalings and judged on two chips, or refused with a reason. Our process must neither crash nor go beyond its
 * limits (mutants/limits.ts); the process apart may, for that is what it is for.
 *
 *   npm run bench:mutants -- [--files 20000] [--first 0] [--seed 2] [--minutes N] [--workers 2]
 *
 * --minutes: stops after N minutes, whatever is left; the result tells how many files there were. Which file number I of seed S is
 * follows from both alone. It runs compiled, as users have it. What was found stays under runs/bench-mutants: a run that is stopped goes on when it is started again.
 * Exit code 1 if one failed.
 */
import { appendFileSync, existsSync, mkdirSync, readFileSync, rmSync } from 'node:fs';
import { dirname, extname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeFolder } from '../test/fuzz/folder.js';
import { Nursery, type Verdict } from '../test/fuzz/nursery.js';
import { Summary } from '../test/fuzz/summary.js';
import { commit, root, writeResult } from './machine.js';
import { apartLimits, ownLimits } from './mutants/limits.js';

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '20000' },
    first: { type: 'string', default: '0' },
    seed: { type: 'string', default: '2' },
    minutes: { type: 'string', default: 'Infinity' },
    workers: { type: 'string', default: '2' },
  },
});
const [files, first, seed] = [Number(values.files), Number(values.first), Number(values.seed)];
const end = performance.now() + 60_000 * Number(values.minutes);

interface Found extends Verdict {
  /** Of the program that found it. */
  commit: string;
}
const kept = join(root, 'runs', 'bench-mutants');
mkdirSync(kept, { recursive: true });
const log = join(kept, `seed-${seed}-from-${first}.jsonl`);
/** The program as it was when this began. */
const version = commit();
const found: Found[] = existsSync(log)
  ? readFileSync(log, 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line) => JSON.parse(line))
  : [];
const summary = new Summary();
for (const verdict of found) summary.add(verdict);

const child = `child${extname(import.meta.filename)}`;
const known = new Set(found.map(({ index }) => index));
const left = Array.from({ length: files }, (_, i) => first + i).filter((index) => !known.has(index));

async function work(): Promise<void> {
  const folder = makeFolder();
  const nursery = new Nursery(join(import.meta.dirname, 'mutants', child), ownLimits);
  try {
    while (performance.now() < end) {
      const index = left.shift();
      if (index === undefined) return;
      const task = { seed, index, only: '', folder };
      const once = await nursery.load(task);
      take(once.failure === undefined ? once : await nursery.load(task));
    }
  } finally {
    nursery.end();
    rmSync(dirname(folder), { recursive: true });
  }
}

function take(verdict: Verdict): void {
  found.push({ ...verdict, commit: version });
  appendFileSync(log, `${JSON.stringify(found.at(-1))}\n`);
  summary.add(verdict);
  if (verdict.failure !== undefined)
    process.stdout.write(
      `FAILED file ${verdict.index} (${verdict.mutation})\n  ${verdict.failure}\n  ${verdict.reason}\n`,
    );
  if (found.length % 100 === 0) process.stdout.write(`${found.length} files\n`);
}

await Promise.all(Array.from({ length: Number(values.workers) }, work));
process.stdout.write(`${summary.text()}\n`);
writeResult('mutants', `npm run bench:mutants -- --files ${found.length} --first ${first} --seed ${seed}`, {
  ...{
    asked: files,
    files: found.length,
    commits: [...new Set(found.map((verdict) => verdict.commit))],
    first,
    seed,
    limits: { own: ownLimits, apart: apartLimits },
  },
  ...summary.figures(),
});
if (summary.failures.length > 0) process.exitCode = 1;
