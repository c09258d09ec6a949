/** Damaged models through verification: bench/mutants.ts. */
import { z } from 'zod';
import { grouped, rows } from '../markdown.js';
import { defineSection } from './section.js';

const schema = z.object({
  files: z.int(),
  seed: z.int(),
  limits: z.object({
    own: z.object({ milliseconds: z.number(), bytes: z.number() }),
    apart: z.object({ memory: z.number(), seconds: z.number() }),
  }),
  outcomes: z.record(z.string(), z.int()),
  failures: z.array(z.object({ index: z.int(), mutation: z.string(), failure: z.string() })),
  meanMilliseconds: z.number(),
  peakMiB: z.number(),
});

const filesAsked = 20_000;

export const mutants = defineSection({
  result: 'mutants',
  title: 'Damaged models, verified',
  what: 'The same kinds of damage as above through import and verification: each file is run in a process apart first, then tried with the usual scalings and judged on two chips, or refused.',
  command: 'npm run bench:mutants',
  repeats: 'Every file follows from the seed and its number.',
  schema,
  asks: [
    {
      asked: `${grouped(filesAsked)} mutated models through verification: no crash of our process, none beyond its limits`,
      answer({ files, failures, peakMiB, limits: { own, apart } }) {
        const stated = `${own.milliseconds / 1000} s of processor time and ${(own.bytes / 2 ** 30).toFixed(1)} GiB here, ${apart.seconds} s and ${apart.memory} GiB apart`;
        return {
          figure: `${failures.length} of ${grouped(files)} failed (limits: ${stated}); our largest process ${peakMiB} MiB`,
          met: failures.length > 0 ? false : files >= filesAsked || undefined,
        };
      },
    },
  ],
  tables: ({ outcomes, meanMilliseconds, seed }) => [
    `Seed ${seed}; ${meanMilliseconds.toFixed(0)} ms a file on average, by the clock.`,
    rows(
      ['outcome', 'files'],
      Object.entries(outcomes).map(([outcome, count]) => [outcome, grouped(count)]),
    ),
  ],
});
