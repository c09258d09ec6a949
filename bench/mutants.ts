/**
 * Damaged models (test/fuzz) through import and **verification**: each is read, inspected, imported, run in a process apart, tried
 * with the usual scalings and judged on two chips, or refused with a reason. Our process must neither crash nor go beyond its
 * limits (mutants/limits.ts); the process apart may, for that is what it is for.
 *
 *   npm run bench:mutants -- [--files 20000] [--first 0] [--seed 2] [--minutes N]
 *
 * --minutes: stops after N minutes, whatever is left; the result tells how many files there were. Which file number I of seed S is
 * follows from both alone. Exit code 1 if one failed.
 */
import { rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import { makeFolder } from '../test/fuzz/folder.js';
import { Nursery } from '../test/fuzz/nursery.js';
import { Summary } from '../test/fuzz/summary.js';
import { writeResult } from './machine.js';
import { apartLimits, ownLimits } from './mutants/limits.js';

const { values } = parseArgs({
  options: {
    files: { type: 'string', default: '20000' },
    first: { type: 'string', default: '0' },
    seed: { type: 'string', default: '2' },
    minutes: { type: 'string', default: 'Infinity' },
  },
});
const [files, first, seed] = [Number(values.files), Number(values.first), Number(values.seed)];
const end = performance.now() + 60_000 * Number(values.minutes);

const folder = makeFolder();
const nursery = new Nursery(join(import.meta.dirname, 'mutants', 'child.ts'), ownLimits);
const summary = new Summary();
let done = 0;
try {
  for (; done < files && performance.now() < end; done++) {
    const task = { seed, index: first + done, only: '', folder };
    const once = await nursery.load(task);
    const verdict = once.failure === undefined ? once : await nursery.load(task);
    summary.add(verdict);
    if (verdict.failure !== undefined)
      process.stdout.write(
        `FAILED file ${verdict.index} (${verdict.mutation})\n  ${verdict.failure}\n  ${verdict.reason}\n`,
      );
    if ((done + 1) % 100 === 0) process.stdout.write(`${done + 1} files\n`);
  }
} finally {
  nursery.end();
  rmSync(dirname(folder), { recursive: true });
}
process.stdout.write(`${summary.text()}\n`);
writeResult('mutants', `npm run bench:mutants -- --files ${done} --first ${first} --seed ${seed}`, {
  ...{ asked: files, files: done, first, seed, limits: { own: ownLimits, apart: apartLimits } },
  ...summary.figures(),
});
if (summary.failures.length > 0) process.exitCode = 1;
