/** One process at a time in a folder: bench/lockRaces.ts. */
import { z } from 'zod';
import { rows } from '../markdown.js';
import { defineSection } from './section.js';

const schema = z.object({
  processes: z.int(),
  counts: z.array(
    z.object({
      kind: z.string(),
      races: z.int(),
      doubleOwners: z.int(),
      withoutOwner: z.int(),
      owners: z.int(),
      refused: z.int(),
      failures: z.array(z.string()),
    }),
  ),
});

const racesAsked = 1000;

const ask = (kind: string, told: string) => ({
  asked: `${racesAsked} races ${told}: never two owners`,
  answer({ counts }: z.output<typeof schema>) {
    const count = counts.find((one) => one.kind === kind);
    if (!count) return { figure: 'not measured', met: undefined };
    const { doubleOwners, withoutOwner, failures } = count;
    // Five in one, see the bench.
    const races = kind === 'handed over' ? count.races * 5 : count.races;
    const wrong = doubleOwners + withoutOwner + failures.length;
    return {
      figure: `${doubleOwners} of ${races} with two owners, ${withoutOwner} with none, ${failures.length} failures`,
      met: wrong > 0 ? false : races >= racesAsked || undefined,
    };
  },
});

export const lockRaces = defineSection({
  result: 'lock-races',
  title: 'One process in a folder',
  what: 'Several processes take the lock of a folder at the same moment. Each owner makes a file that must not be there yet. In the first three kinds the owner keeps the lock until all have tried; handed over: all take it, give it back and take it again, five times each.',
  command: 'npm run bench:lock-races',
  repeats: 'Who wins depends on the machine.',
  schema,
  asks: [
    ask('fresh', 'for a folder that nobody had'),
    ask('stale', 'for the lock of a killed process'),
    ask('stale elsewhere', 'for a lock whose owner cannot be seen'),
    ask('handed over', 'for a lock that is given back and taken again'),
  ],
  tables: ({ counts, processes }) => [
    `${processes} processes in each race.`,
    rows(
      ['', 'races', 'two owners', 'times taken', 'times refused'],
      counts.map(({ kind, races, doubleOwners, owners, refused }) =>
        [kind, races, doubleOwners, owners, refused].map((cell) => cell.toLocaleString('en')),
      ),
    ),
  ],
});
