/**
 * Does the lock of a folder let only one process in? Several processes try at the same moment, again and again: on folders that
 * nobody had, on locks of killed processes, on such that cannot be judged from here, and while it is handed over.
 *
 *   npm run bench:lock-races [-- RACES] [KIND…] [--check]        --check: only judge, write no result
 *
 * Kinds that are not named keep the counts of the result that is there. A race of the last kind is five in one.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { Arena, type Count, kinds } from './lockRaces/race.js';
import { root, writeResult } from './machine.js';

const words = process.argv.slice(2);
const check = words.includes('--check');
const races = Number(words.find((word) => /^\d+$/.test(word)) ?? 1000);
const named = kinds.filter((kind) => words.includes(kind));
const processes = 4;

const file = join(root, 'bench/results/lock-races.json');
const earlier: Count[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')).counts : [];
const counts = new Map(earlier.map((count) => [count.kind, count]));

const arena = await Arena.open(processes);
try {
  for (const kind of named.length > 0 ? named : kinds) {
    const count = await arena.race(kind, kind === 'handed over' ? races / 5 : races);
    process.stdout.write(`${JSON.stringify(count)}\n`);
    counts.set(kind, count);
    if (!check)
      writeResult('lock-races', `npm run bench:lock-races -- ${races}`, {
        processes,
        counts: [...counts.values()],
      });
    if (count.doubleOwners + count.withoutOwner + count.failures.length > 0) process.exitCode = 1;
  }
} finally {
  arena.close();
}
