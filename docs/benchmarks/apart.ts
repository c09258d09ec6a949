/** What the process apart costs: bench/apart.ts. */
import { z } from 'zod';
import { rows } from '../markdown.js';
import { defineSection } from './section.js';

const samples = z.array(z.number());
const schema = z.object({
  loadAverage: z.number(),
  subjects: z.array(
    z.object({
      model: z.string(),
      share: z.number(),
      samples: z.object({ rehearsal: samples, command: samples }),
    }),
  ),
});

const mostShare = 0.1;
const median = (values: readonly number[]) => [...values].sort((a, b) => a - b)[values.length >> 1]!;
const percent = (share: number) => `${(100 * share).toFixed(1)} %`;

export const apart = defineSection({
  result: 'apart',
  title: 'Models run in a process apart first',
  what: 'The seconds that `temper verify` with 20 chips on 1,000 examples waits for the process in which the model is first run, medians of runs in turns.',
  command: 'npm run bench:apart -- --mnist DIR --cifar10 DIR',
  repeats: 'Both are taken by the clock, under the same load.',
  schema,
  asks: [
    {
      asked: `the rehearsal of an ordinary model takes a small part of its verification (${percent(mostShare)})`,
      answer: ({ subjects, loadAverage }) => ({
        figure: `${subjects.map(({ model, share }) => `${model} ${percent(share)}`).join(', ')} (load average ${loadAverage.toFixed(0)})`,
        met: subjects.every(({ share }) => share <= mostShare),
      }),
    },
  ],
  tables: ({ subjects }) => [
    rows(
      ['model', 'rehearsal, s', 'command, s'],
      subjects.map(({ model, samples: { rehearsal, command } }) => [
        model,
        median(rehearsal).toFixed(2),
        median(command).toFixed(2),
      ]),
    ),
  ],
});
