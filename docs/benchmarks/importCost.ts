/** Importing a model of 100 MB: bench/importCost.ts. */
import { z } from 'zod';
import { megabytes, rows } from '../markdown.js';
import { type Ask, defineSection, notMeasured } from './section.js';

const costSchema = z.object({
  milliseconds: z.number(),
  peak: z.number(),
  kept: z.number(),
  arrayBuffers: z.number(),
});
const schema = z.object({
  repeats: z.int(),
  loadAverage: z.number(),
  subjects: z.array(
    z.object({
      name: z.string(),
      bytes: z.int(),
      medians: z.object({
        milliseconds: z.number(),
        timesSize: z.number(),
        keptTimesSize: z.number(),
        arrayBuffersTimesSize: z.number(),
      }),
      samples: z.array(costSchema),
    }),
  ),
});
type Content = z.infer<typeof schema>;
type Median = keyof Content['subjects'][number]['medians'];

/** The asked size is 100 MB: a smaller one answers nothing. */
const leastBytes = 100e6;

function most(asked: string, median: Median, bound: number, words: (value: number) => string): Ask<Content> {
  return {
    asked,
    answer({ subjects }) {
      if (subjects.length === 0 || subjects.some(({ bytes }) => bytes < leastBytes)) return notMeasured;
      return {
        figure: subjects.map(({ name, medians }) => `${name}: ${words(medians[median])}`).join('; '),
        met: subjects.every(({ medians }) => medians[median] <= bound),
      };
    },
  };
}

export const importCost = defineSection({
  result: 'import',
  title: 'Importing a large model',
  what: 'Time and memory of reading, hashing and importing an MLP of 25.6 million float32 weights: the peak of the resident memory of a process beyond that of one that has imported a tiny model.',
  command: 'npm run bench:import',
  repeats: 'Medians over imports in processes of their own; the range is that of the repeats.',
  schema,
  asks: [
    most(
      'a model of 100 MB is imported in at most 2 s',
      'milliseconds',
      2000,
      (ms) => `${(ms / 1000).toFixed(2)} s`,
    ),
    most('with at most 3 times its size in memory', 'timesSize', 3, (times) => `${times.toFixed(2)} times`),
  ],
  tables: ({ subjects, repeats, loadAverage }) => [
    `${repeats} repeats; load average ${loadAverage.toFixed(1)}.`,
    rows(
      ['model', 'size', 'seconds', 'range', 'peak memory', 'kept', 'of it typed arrays'],
      subjects.map(({ name, bytes, medians, samples }) => {
        const seconds = samples.map(({ milliseconds }) => milliseconds / 1000);
        const times = (value: number) => `${value.toFixed(2)} x`;
        return [
          name,
          megabytes(bytes),
          (medians.milliseconds / 1000).toFixed(2),
          `${Math.min(...seconds).toFixed(2)} … ${Math.max(...seconds).toFixed(2)}`,
          ...[medians.timesSize, medians.keptTimesSize, medians.arrayBuffersTimesSize].map(times),
        ];
      }),
    ),
  ],
});
