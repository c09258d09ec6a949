/** Exporting very large layers: bench/exportMemory.ts. */
import { z } from 'zod';
import { megabytes, rows } from '../markdown.js';
import { defineSection, notMeasured } from './section.js';

const schema = z.object({
  base: z.int(),
  loadAverage: z.number(),
  subjects: z.array(
    z.object({
      name: z.string(),
      bytes: z.int(),
      exportedBytes: z.int(),
      peak: z.int(),
      seconds: z.number(),
    }),
  ),
});

/** Asked of layers above 1e8 weights: in smaller models Node and onnxruntime's library weigh more than the weights. */
const leastBytes = 400e6;
/** "Up to and beyond 2 GB". */
const beyond = 2 ** 31;
const most = 2.5;

export const exportMemory = defineSection({
  result: 'export-memory',
  title: 'The memory of an export',
  what: 'The largest resident size of the process of `temper export --bits 8` over the size of the model with its external data; onnxruntime opening the written file is part of it. Nothing is taken off for Node and the libraries, which an export of a tiny model shows.',
  command: 'npm run bench:export-memory',
  repeats: 'One export each, in a process of its own.',
  schema,
  asks: [
    {
      asked:
        'layers above 1e8 weights are exported in at most 2.5 times the size of the model, up to and beyond 2 GB',
      answer({ subjects }) {
        const large = subjects.filter(({ bytes }) => bytes >= leastBytes);
        if (!large.some(({ bytes }) => bytes > beyond)) return notMeasured;
        return {
          figure: large
            .map(({ name, bytes, peak }) => `${name}: ${(peak / bytes).toFixed(2)} times`)
            .join('; '),
          met: large.every(({ bytes, peak }) => peak <= most * bytes),
        };
      },
    },
  ],
  tables: ({ base, loadAverage, subjects }) => [
    `A tiny model takes ${megabytes(base)}. Load average ${loadAverage.toFixed(1)}: the machine was shared, and the seconds say little.`,
    rows(
      ['model', 'size', 'written', 'peak memory', 'of the size', 'beyond a tiny model', 'seconds'],
      subjects.map(({ name, bytes, exportedBytes, peak, seconds }) => [
        name,
        megabytes(bytes),
        megabytes(exportedBytes),
        megabytes(peak),
        `${(peak / bytes).toFixed(2)} x`,
        `${((peak - base) / bytes).toFixed(2)} x`,
        seconds.toFixed(1),
      ]),
    ),
  ],
});
