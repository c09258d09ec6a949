/**
 * Does the lock of a folder let only one process in? Several processes try at the same moment, again and again: on folders that
 * nobody had, on locks of killed processes, on such that cannot be judged from here, and while it is handed over.
 *
 *   npm run bench:lock-races [-- RACES] [--check]        --check: only judge, write no result
 */
import { Arena, kinds } from './lockRaces/race.js';
import { writeResult } from './machine.js';

const check = process.argv.includes('--check');
const races = Number(process.argv.slice(2).find((argument) => !argument.startsWith('--')) ?? 1000);
const processes = 4;

const arena = await Arena.open(processes);
try {
  const counts = [];
  for (const kind of kinds) {
    const count = await arena.race(kind, races);
    process.stdout.write(`${JSON.stringify(count)}\n`);
    counts.push(count);
  }
  if (!check) writeResult('lock-races', `npm run bench:lock-races -- ${races}`, { processes, counts });
  const bad = counts.some(
    ({ doubleOwners, withoutOwner, failures }) => doubleOwners + withoutOwner + failures.length > 0,
  );
  if (bad) process.exitCode = 1;
} finally {
  arena.close();
}
