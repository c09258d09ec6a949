/** Damaged files: test/fuzz/run.ts. */
import { z } from 'zod';
import { grouped, rows } from '../markdown.js';
import { defineSection } from './section.js';

const schema = z.object({
  files: z.int(),
  seed: z.int(),
  limits: z.object({ milliseconds: z.number(), bytes: z.number() }),
  outcomes: z.record(z.string(), z.int()),
  failures: z.array(z.object({ index: z.int(), mutation: z.string(), failure: z.string() })),
  slowest: z.object({ index: z.int(), mutation: z.string(), milliseconds: z.number() }).optional(),
  meanMilliseconds: z.number(),
  peakMiB: z.number(),
});

const filesAsked = 10_000;

export const fuzz = defineSection({
  result: 'fuzz',
  title: 'Damaged files',
  what: 'ONNX files cut, overwritten, spliced, or changed in what they say (extents, axes, operators, types, names, nesting, numbers of things, external data) through `temper inspect` and the import, in processes that are watched.',
  command: 'npm run fuzz -- --json bench/results/fuzz.json',
  repeats:
    'Every file follows from the seed and its number. The 2 s are of processor time, and the slowest is told by the clock: a process on a shared machine waits for its turn.',
  schema,
  asks: [
    {
      asked: `${grouped(filesAsked)} mutated files without crash, hang (2 s each) or more than 1 GiB of memory`,
      answer({ files, failures, peakMiB, slowest, limits }) {
        const strict = limits.milliseconds <= 2000 && limits.bytes <= 2 ** 30;
        const slow = slowest
          ? `, the slowest ${(slowest.milliseconds / 1000).toFixed(1)} s by the clock`
          : '';
        return {
          figure: `${failures.length} of ${grouped(files)} failed; the largest process ${peakMiB} MiB${slow}`,
          met: failures.length > 0 || !strict ? false : files >= filesAsked || undefined,
        };
      },
    },
  ],
  tables: ({ outcomes, meanMilliseconds, seed }) => [
    `Seed ${seed}; ${meanMilliseconds.toFixed(1)} ms a file on average.`,
    rows(
      ['outcome', 'files'],
      Object.entries(outcomes).map(([outcome, count]) => [outcome, grouped(count)]),
    ),
  ],
});
